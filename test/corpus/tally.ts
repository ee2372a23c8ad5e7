import type { Attempt } from './attempt.ts'
import type { Candidate } from './candidates.ts'

/** How long answers took, in ms. */
export interface Latencies {
  readonly count: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** Outcomes by kind of image: how often each came. */
type Counts = Record<string, Record<string, number>>

const maxListed = 50
const slowMs = 1_000

/** What became of all candidates. */
export class Tally {
  readonly #took = new Map<string, number[]>()
  /** Of images as they are, of mutations. */
  readonly images: Counts = {}
  readonly mutations: Counts = {}
  /** Of images as they are, by their package. */
  readonly packages: Counts = {}
  readonly costly: string[] = []
  /** Pictures that were served. */
  pictures = 0
  /** Refusals that took more than a second. */
  readonly slowRefusals: { readonly name: string; readonly tookMs: number }[] = []

  /** How many images were tried as they are, and how many mutations. */
  get tried() {
    return { images: sum(this.images), mutations: sum(this.mutations) }
  }

  /** Counts what became of one. */
  add(candidate: Candidate, { outcome, tookMs, served }: Attempt): void {
    this.pictures += served.length
    count(candidate.isMutation ? this.mutations : this.images, candidate.kind, outcome)
    if (!candidate.isMutation) count(this.packages, candidate.package, outcome)
    const took = this.#took.get(outcome)
    if (took) took.push(tookMs)
    else this.#took.set(outcome, [tookMs])
    const { name } = candidate
    if (outcome.endsWith('IMAGE_TOO_COSTLY') && this.costly.length < maxListed)
      this.costly.push(name)
    if (outcome === 'made' || tookMs <= slowMs || this.slowRefusals.length >= maxListed) return
    this.slowRefusals.push({ name, tookMs })
  }

  /** How long each outcome took. */
  latencies(): Record<string, Latencies> {
    return Object.fromEntries([...this.#took].map(([outcome, took]) => [outcome, spread(took)]))
  }
}

function count(counts: Counts, group: string, outcome: string): void {
  const of = (counts[group] ??= {})
  of[outcome] = (of[outcome] ?? 0) + 1
}

function sum(counts: Counts): number {
  const each = Object.values(counts).flatMap((of) => Object.values(of))
  return each.reduce((total, one) => total + one, 0)
}

function spread(took: readonly number[]): Latencies {
  const sorted = took.toSorted((one, other) => one - other)
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0
  return { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }
}
