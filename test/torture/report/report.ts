import { cpus } from 'node:os'
import type { RoundOutcome } from '../round.ts'
import type { Round } from '../profiles.ts'

/** A round as a report keeps it. */
export interface RoundReport {
  readonly seed: number
  readonly store: string
  readonly relays: number
  readonly accepted: number
  readonly kills: Readonly<Record<string, number>>
  readonly faults: Readonly<Record<string, number>>
  /** By track: how many messages were accepted when its last fault was over; after that it is calm there. */
  readonly faultsUntil: Readonly<Record<string, number>>
  readonly files: number
  /** From the first fault to the last. */
  readonly stormSeconds: number
  readonly seconds: number
  readonly breaches: readonly string[]
}

/** What a whole run came to. */
export interface RunReport {
  readonly profile: string
  readonly seed: number
  readonly date: string
  readonly machine: string
  readonly acknowledged: number
  readonly kills: number
  readonly faults: number
  readonly uploads: number
  readonly seconds: number
  readonly breaches: number
  /** What was not done here, and why. */
  readonly skipped: readonly string[]
  readonly rounds: readonly RoundReport[]
}

/** A round's outcome as a report keeps it. */
export function roundReport({ store, relays }: Round, outcome: RoundOutcome): RoundReport {
  const { seed, accepted, deeds, files, stormMs, totalMs, breaches } = outcome
  return {
    seed,
    store,
    relays,
    accepted,
    kills: Object.fromEntries(deeds.kills),
    faults: Object.fromEntries(deeds.strokes),
    faultsUntil: Object.fromEntries(deeds.over),
    files,
    stormSeconds: Math.round(stormMs / 1_000),
    seconds: Math.round(totalMs / 1_000),
    breaches,
  }
}

/** All rounds together. */
export function runReport(
  profile: string,
  seed: number,
  rounds: readonly RoundReport[],
  skipped: readonly string[],
): RunReport {
  const sum = (of: (round: RoundReport) => number) =>
    rounds.reduce((all, round) => all + of(round), 0)
  const [cpu] = cpus()
  return {
    profile,
    seed,
    date: new Date().toISOString(),
    machine: `${cpus().length} x ${cpu?.model ?? 'unknown'}`,
    acknowledged: sum(({ accepted }) => accepted),
    kills: sum(({ kills }) => total(kills)),
    faults: sum(({ faults }) => total(faults)),
    uploads: sum(({ files }) => files),
    seconds: sum(({ seconds }) => seconds),
    breaches: sum(({ breaches }) => breaches.length),
    skipped,
    rounds,
  }
}

/** All of some counts. */
export function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, count) => all + count, 0)
}

/** Kills of the parts that hold messages: relays and the database. */
export function killsOfKeepers(kills: Readonly<Record<string, number>>): number {
  return total(Object.fromEntries(Object.entries(kills).filter(([part]) => keeper.test(part))))
}

const keeper = /^(relay(-\d+)?|mariadb)$/

/** A round in one line for people, and its breaches below. */
export function roundLines(round: RoundReport): string {
  const { seed, store, relays, accepted, kills, faults, faultsUntil } = round
  const { files, seconds, breaches } = round
  const verdict = breaches.length === 0 ? 'sound' : 'BROKEN'
  const head = `${verdict}  ${store} x${relays} seed ${seed}: ${accepted} acknowledged, ${total(kills)} kills (${countsText(kills)}), ${total(faults)} faults, ${files} uploads, ${seconds} s`
  const until = `        accepted at the last fault of each track: ${countsText(faultsUntil)}`
  return [head, until, ...breaches.map((line) => `        ${line}`)].join('\n')
}

/** The end of a run for people. */
export function runLines(run: RunReport): string {
  const { acknowledged, kills, faults, uploads, seconds, breaches, skipped } = run
  const sums = `${acknowledged} acknowledged messages, ${kills} kills, ${faults} faults, ${uploads} uploads in ${seconds} s: ${breaches} breaches`
  return [...skipped.map((line) => `SKIPPED: ${line}`), sums].join('\n')
}

function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')
}
