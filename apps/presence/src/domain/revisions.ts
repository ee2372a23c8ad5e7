import type { Transition } from './users.ts'

/** Transitions of one shard that go out together. */
export interface Batch {
  readonly shard: number
  readonly revision: number
  /** The revision that went out on this shard before. */
  readonly previousRevision: number
  readonly transitions: readonly Transition[]
}

/** Counts what is published, so that a reader of any shard can tell that it missed something. */
export class Revisions {
  readonly #lastOfShard: number[]
  readonly #maxPerBatch: number
  #revision = 0

  constructor(shards: number, maxPerBatch: number) {
    this.#lastOfShard = Array.from({ length: shards }, () => 0)
    this.#maxPerBatch = maxPerBatch
  }

  /** The revision of the last batch. */
  get current(): number {
    return this.#revision
  }

  /** The transitions as batches, each of one shard and none too long. */
  batches(transitions: readonly Transition[]): Batch[] {
    const byShard = Map.groupBy(transitions, (transition) => transition.shard)
    return [...byShard].flatMap(([shard, own]) =>
      inParts(own, this.#maxPerBatch).map((part) => this.#next(shard, part)),
    )
  }

  /** An empty batch for each shard, from which readers see whether they missed the one before. */
  beacons(): Batch[] {
    return this.#lastOfShard.map((_, shard) => this.#next(shard, []))
  }

  #next(shard: number, transitions: readonly Transition[]): Batch {
    const previousRevision = this.#lastOfShard[shard] ?? 0
    this.#revision += 1
    this.#lastOfShard[shard] = this.#revision
    return { shard, revision: this.#revision, previousRevision, transitions }
  }
}

function inParts<T>(items: readonly T[], length: number): T[][] {
  const count = Math.ceil(items.length / length)
  return Array.from({ length: count }, (_, i) => items.slice(i * length, (i + 1) * length))
}
