import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, symlink } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = path.resolve(import.meta.dirname, '../..')
const limitMs = 120_000

interface Locked {
  readonly link?: boolean
  readonly resolved?: string
}

/** The package of a service, and the places that its lock file names. */
export interface Installed {
  readonly folder: string
  readonly packages: readonly string[]
}

/**
 * Packs a service as an operator does, and installs exactly what its lock file names: from this checkout's
 * packages, which have the versions of the same lock, for a test asks no registry.
 */
export async function installAlone(service: string, folder: string): Promise<Installed> {
  const args = [path.join(root, 'scripts/pack-service.ts'), service, folder]
  await run(process.execPath, args, { timeout: limitMs })
  const lock = await readFile(path.join(folder, 'package-lock.json'), 'utf8')
  const { packages } = JSON.parse(lock) as { packages: Readonly<Record<string, Locked>> }
  const packed = Object.entries(packages).filter(([place]) => place.includes('node_modules/'))
  await bring(
    packed.filter(([, { link }]) => link !== true).map(([place]) => place),
    folder,
  )
  for (const [place, { link, resolved }] of packed) {
    if (link !== true || resolved === undefined) continue
    const to = path.join(folder, place)
    await mkdir(path.dirname(to), { recursive: true })
    await symlink(path.relative(path.dirname(to), path.join(folder, resolved)), to)
  }
  return { folder, packages: packed.map(([place]) => place) }
}

/** By hard links, which take no time, or as copies where the folder is on another disk. */
async function bring(places: readonly string[], folder: string): Promise<void> {
  // Other platforms' binaries are nowhere; Node itself is what runs this; the inner come with the outer.
  const isTop = (place: string) => place.split('node_modules/').length === 2
  const here = places.filter((place) => existsSync(path.join(root, place)))
  const wanted = here.filter((place) => isTop(place) && !/\/node-linux-[^/]+$/.test(place))
  const copy = (how: string) =>
    run('cp', [how, '--parents', ...wanted, folder], { cwd: root, timeout: limitMs })
  await copy('-al').catch(() => copy('-a'))
}
