import { breaches, breachLines } from '@parley/history'
import { Arena } from './arena.ts'
import { Nemesis } from './nemesis.ts'
import { readBack } from './read-back.ts'
import { Workload } from './workload.ts'

/** How long things go wrong, and how long everybody then has to converge. */
const faultsForMs = 40_000
const healForMs = 10_500

/** What came of one seed. */
export interface SeedResult {
  readonly seed: number
  readonly operations: number
  readonly faults: number
  readonly acknowledged: number
  /** The same for the same seed, whatever else the process has run. */
  readonly digest: string
  /** What was broken, one line each; nothing when every promise was kept. */
  readonly breaches: readonly string[]
  /** The end of what happened, when something was broken. */
  readonly trace: readonly string[]
}

/** What a run may be given. */
export interface SeedOptions {
  /** 1 (SQLite) unless told. */
  readonly relays?: number
}

/** Lets one world live and die by its seed, and judges what its clients have seen. */
export async function runSeed(seed: number, { relays = 1 }: SeedOptions = {}): Promise<SeedResult> {
  const arena = new Arena(seed, relays)
  const { clock, recorder } = arena
  const nemesis = new Nemesis(arena)
  recorder.say({ op: 'info', f: 'phase', phase: 'faults' })
  arena.start()
  nemesis.plan(faultsForMs)
  new Workload(arena).run(faultsForMs + 2_000)
  await clock.run(faultsForMs)
  nemesis.heal()
  recorder.say({ op: 'info', f: 'phase', phase: 'heal' })
  await clock.run(faultsForMs + healForMs)
  recorder.say({ op: 'info', f: 'phase', phase: 'end' })
  for (const relay of arena.relays) relay.inspect()
  readBack(arena)
  const result = judge(seed, arena)
  arena.close()
  return result
}

function judge(seed: number, { recorder, network, count }: Arena): SeedResult {
  const { events, complaints } = recorder
  const found = [...breachLines(breaches(events)), ...complaints.slice(0, 10)]
  const digest = `${network.digest.toString(16)}-${events.length}`
  const acknowledged = new Set(
    events.flatMap((event) => (event.f === 'send' && event.op === 'ok' ? [event.id] : [])),
  ).size
  const trace = found.length === 0 ? [] : events.slice(-40).map((event) => JSON.stringify(event))
  return { seed, ...count, acknowledged, digest, breaches: found, trace }
}
