import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { packageVersion } from '../measure/machine.ts'
import { startPinned, stopPinned } from '../measure/pinned.ts'
import { atOnceBytes } from './subject.ts'
import type { FileSubject } from './subject.ts'

const program = path.join(import.meta.dirname, 'tus-server-process.ts')

/** Starts the reference server of the protocol with its own store of files. */
export async function startTus(folder: string, core: number): Promise<FileSubject> {
  const files = path.join(folder, 'files')
  const [server, store] = [packageVersion('@tus/server'), packageVersion('@tus/file-store')]
  mkdirSync(files, { recursive: true })
  const child = startPinned({ core, args: [program, files], stdio: ['pipe', 'pipe', 'inherit'] })
  const { stdout, pid } = child
  if (stdout === null || pid === undefined) throw new Error('@tus/server cannot be started')
  for await (const port of createInterface({ input: stdout })) {
    return {
      name: '@tus/server',
      pid,
      address: `127.0.0.1:${port}`,
      description: `@tus/server ${server}, @tus/file-store ${store}: no hash, no sync`,
      putJob: async ({ seed, sizeBytes }) => {
        const way = sizeBytes < atOnceBytes ? 'tus-at-once' : 'tus'
        return { way, path: '/uploads', headers: {}, seed, sizeBytes }
      },
      getJob: async ({ seed, sizeBytes }, { path: place }) => {
        return { path: place, headers: {}, seed, sizeBytes }
      },
      placeOf: (_file, { path: place }) => path.join(files, path.basename(place)),
      stop: () => stopPinned(child),
    }
  }
  throw new Error('@tus/server did not start')
}
