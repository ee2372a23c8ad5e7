import { delay, systemScheduler } from '@parley/service-kit'
import { bothWays } from '../proxy/index.ts'
import type { Faults } from '../proxy/index.ts'
import { limitFiles, slowSyncs } from './system-faults.ts'
import type { FaultName, Stroke } from './schedule.ts'
import type { Victims } from './victims.ts'

/** Does it, waits as long as it lasts, and undoes it. */
type Perform = (stroke: Stroke, victims: Victims) => Promise<void>

const mostSteppedSeconds = 40

/** How each fault is done and undone. */
export const faults: Readonly<Record<FaultName, Perform>> = {
  async kill({ member, forMs }, victims) {
    await victims.kill(member)
    await lasting(forMs)
    await victims.start(member)
  },
  async stop({ member, forMs }, victims) {
    signal(victims, member, 'SIGSTOP')
    await lasting(forMs)
    signal(victims, member, 'SIGCONT')
  },
  async cut({ member }, victims) {
    victims.way(member)?.cut()
    await lasting(0)
  },
  stall: faultyWay(() => bothWays({ stalled: true })),
  latency: faultyWay(({ chance }) => bothWays({ latencyMs: 5 + Math.round(chance * 100) })),
  slices: faultyWay(() => bothWays({ sliceBytes: 1 })),
  blackhole: faultyWay(({ chance }) => {
    const blackholeAfterBytes = Math.round(chance * 20_000)
    return chance < 0.5 ? { down: { blackholeAfterBytes } } : { up: { blackholeAfterBytes } }
  }),
  reset: faultyWay(({ chance }) => ({ down: { resetAfterBytes: Math.round(chance * 50_000) } })),
  'half-open': faultyWay(() => bothWays({ halfOpen: true })),
  refuse: faultyWay(() => ({ refuses: true })),
  async 'pause-reader'({ chance, forMs }, { clients }) {
    clients[Math.floor(chance * clients.length)]?.pause(forMs)
    await lasting(0)
  },
  async 'hang-up'({ chance }, { clients }) {
    clients[Math.floor(chance * clients.length)]?.hangUp()
    await lasting(0)
  },
  async clock({ member, chance, forMs }, victims) {
    const clock = victims.clock(member)
    clock?.step(Math.round((chance - 0.5) * 2 * mostSteppedSeconds))
    await lasting(forMs)
    clock?.step(0)
  },
  'few-files': ofProcess((pid, { chance }) => limitFiles(pid, Math.floor(chance * 4))),
  'slow-disk': ofProcess((pid, { chance }) => slowSyncs(pid, 5 + Math.round(chance * 60))),
}

function ofProcess(begin: (pid: number, stroke: Stroke) => Promise<() => Promise<void>>): Perform {
  return async (stroke, victims) => {
    const pid = victims.pid(stroke.member)
    if (pid === undefined) return
    const undo = await begin(pid, stroke)
    await lasting(stroke.forMs)
    await undo()
  }
}

function faultyWay(wrong: (stroke: Stroke) => Faults): Perform {
  return async (stroke, victims) => {
    const way = victims.way(stroke.member)
    way?.set(wrong(stroke))
    await lasting(stroke.forMs)
    way?.heal()
  }
}

function signal(victims: Victims, member: string, name: NodeJS.Signals): void {
  const pid = victims.pid(member)
  if (pid !== undefined) process.kill(pid, name)
}

function lasting(forMs: number): Promise<void> {
  return delay(systemScheduler, forMs)
}
