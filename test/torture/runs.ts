import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { toLines } from '@parley/history'
import type { HistoryEvent } from '@parley/history'
import { whyNotHere } from './disk/abilities.ts'
import { whyNoClock } from './nemesis/wall-clock.ts'
import type { TortureOptions } from './options.ts'
import { ciRound, longRound, scaled } from './profiles.ts'
import type { Round } from './profiles.ts'
import { roundLines, roundReport, total } from './report/report.ts'
import type { RoundReport } from './report/report.ts'
import { playRound } from './round.ts'
import { startTortureWorld } from './world.ts'
import type { TortureWorld } from './world.ts'

/** Hears lines for people. */
export type Tell = (line: string) => void

/** What cannot be done on this machine. */
export function skips(): string[] {
  const [noTracer, noClock] = [whyNotHere('strace'), whyNoClock()]
  return [
    ...(noTracer === undefined ? [] : [`slow syncs of the relay: ${noTracer}`]),
    ...(noClock === undefined ? [] : [`steps of the relays' wall clocks: ${noClock}`]),
  ]
}

/** The `ci` profile: one round on each store. */
export async function runCi(options: TortureOptions, tell: Tell): Promise<RoundReport[]> {
  const reports: RoundReport[] = []
  for (const store of options.stores) {
    const round = scaled(ciRound(store), options.size)
    const world = await startTortureWorld(round)
    try {
      const { report } = await runRound(world, round, options.seed, options, tell)
      reports.push(report)
    } finally {
      await world.stop()
    }
  }
  return reports
}

/**
 * The `long` profile: round after round in one world of each store, a seed further each time, until
 * the time is over, or so many messages and kills are reached when they were asked for. After a round
 * that got stuck the next one has a new world. What there is so far is kept after every round.
 */
export async function runLong(
  options: TortureOptions,
  tell: Tell,
  keep: (reports: readonly RoundReport[]) => Promise<void>,
): Promise<RoundReport[]> {
  const { stores, seed, minutes, size } = options
  const reports: RoundReport[] = []
  const shareMs = (minutes * 60_000) / stores.length
  for (const [i, store] of stores.entries()) {
    const round = scaled(longRound(store), size)
    const endMs = performance.now() + shareMs
    const share = (i + 1) / stores.length
    const isOver = () => performance.now() >= endMs || isReached(reports, options, share)
    while (!isOver()) {
      const world = await startTortureWorld(round)
      try {
        // In one world as long as it lasts: a round that got stuck is the last of its own.
        for (let isStuck = false; !isStuck && !isOver();) {
          const played = await runRound(world, round, seed + reports.length, options, tell)
          isStuck = played.isStuck
          reports.push(played.report)
          await keep(reports)
        }
      } finally {
        await world.stop()
      }
    }
  }
  return reports
}

function isReached(
  reports: readonly RoundReport[],
  { messages, kills }: TortureOptions,
  share: number,
): boolean {
  if (messages === 0 && kills === 0) return false
  const accepted = reports.reduce((all, round) => all + round.accepted, 0)
  const killed = reports.reduce((all, round) => all + total(round.kills), 0)
  return accepted >= messages * share && killed >= kills * share
}

interface Played {
  readonly report: RoundReport
  readonly isStuck: boolean
}

async function runRound(
  world: TortureWorld,
  round: Round,
  seed: number,
  { out }: TortureOptions,
  tell: Tell,
): Promise<Played> {
  const outcome = await playRound(world, round, seed)
  const report = roundReport(round, outcome)
  tell(roundLines(report))
  if (out !== undefined || report.breaches.length > 0) {
    tell(`        history: ${await keepHistory(outcome.events, report, out)}`)
  }
  return { report, isStuck: outcome.isStuck }
}

async function keepHistory(
  events: readonly HistoryEvent[],
  { store, seed }: RoundReport,
  out = path.join(tmpdir(), 'parley-torture-histories'),
): Promise<string> {
  await mkdir(out, { recursive: true })
  const file = path.join(out, `${store}-${seed}.jsonl`)
  await writeFile(file, toLines(events))
  return file
}
