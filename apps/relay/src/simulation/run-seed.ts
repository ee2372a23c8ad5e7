import { breaches, breachLines } from '@parley/history'
import type { HistoryEvent } from '@parley/history'
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
  /** By the seed unless told: one with SQLite, or two or three that share a database. */
  readonly relays?: number
}

/** Lets one world live by its seed, and judges what its clients have seen. */
export async function runSeed(seed: number, options: SeedOptions = {}): Promise<SeedResult> {
  const arena = await live(seed, options)
  const result = judge(seed, arena)
  arena.close()
  return result
}

/** A world after all its faults and their healing, with everything read back. */
export async function live(
  seed: number,
  { relays = relaysOf(seed) }: SeedOptions = {},
): Promise<Arena> {
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
  arena.library?.end()
  recorder.say({ op: 'info', f: 'phase', phase: 'end' })
  for (const relay of arena.relays) relay.inspect()
  readBack(arena)
  return arena
}

/** Every eighth world has several relays: it costs more than two of the others. */
function relaysOf(seed: number): number {
  return seed % 8 === 0 ? 2 + ((seed / 8) % 2) : 1
}

function judge(seed: number, { recorder, network, count }: Arena): SeedResult {
  const { events, complaints } = recorder
  const found = [...breachLines(breaches(events)), ...complaints.slice(0, 10)]
  const digest = `${network.digest.toString(16)}-${events.length}`
  const acknowledged = new Set(
    events.flatMap((event) => (event.f === 'send' && event.op === 'ok' ? [event.id] : [])),
  ).size
  const trace = found.length === 0 ? [] : endOf(events).map(traceLine)
  return { seed, ...count, acknowledged, digest, breaches: found, trace }
}

/** The read-back at the end is longer than what matters of it. */
function traceLine(event: HistoryEvent): string {
  return JSON.stringify(event).slice(0, 400)
}

/** The last forty lines before everything was read back. */
function endOf(events: readonly HistoryEvent[]): readonly HistoryEvent[] {
  const end = events.findLastIndex(({ f }) => f === 'phase') + 1
  return events.slice(Math.max(0, end - 40), end)
}
