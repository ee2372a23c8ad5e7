import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { machineFacts, measureSync } from '../measure/machine.ts'
import { Clients } from './clients.ts'
import { startNginx } from './nginx-subject.ts'
import type { Options } from './options.ts'
import { startParley } from './parley-subject.ts'
import type { FileSubject } from './subject.ts'
import { startTus } from './tus-subject.ts'

/** Every server alone on one core, all clients on the other. */
export const serverCore = 0
export const clientCore = 1

/** A peer that ours is compared with. */
export type Peer = 'nginx' | 'tus'

/** The servers under measurement, ours first, and who asks them. */
export interface Stage {
  readonly subjects: readonly FileSubject[]
  readonly clients: Clients
  readonly machine: object
}

/** Opens everything on disk, lets `work` use it, and leaves nothing behind. */
export async function onStage<T>(
  options: Options,
  peers: readonly Peer[],
  work: (stage: Stage) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(path.join(options.folder ?? os.tmpdir(), 'parley-bench-'))
  const subjects: FileSubject[] = []
  const clients = new Clients(clientCore)
  try {
    const machine = { ...machineFacts(), sync: measureSync(folder) }
    for (const name of ['parley', ...peers] as const) {
      const own = path.join(folder, name)
      mkdirSync(own)
      subjects.push(await start(name, own, options))
    }
    return await work({ subjects, clients, machine })
  } finally {
    await clients.stop()
    for (const subject of subjects) await subject.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function start(name: Peer | 'parley', folder: string, { profile }: Options) {
  if (name === 'nginx') return startNginx(folder, serverCore)
  if (name === 'tus') return startTus(folder, serverCore)
  const nodeArgs = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  return startParley({ folder, core: serverCore, nodeArgs })
}

/** Brings to disk what servers have only written, so that it does not burden the next one. */
export function settleDisk(): void {
  execFileSync('sync')
}

/** The order of one round: forwards and backwards in turn, so that drift cancels. */
export function inTurn<T>(all: readonly T[], round: number): readonly T[] {
  return round % 2 === 0 ? all : all.toReversed()
}
