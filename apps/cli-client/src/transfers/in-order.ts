/** How many things are done at once. */
export interface InOrderBounds {
  readonly atOnce: number
  /** Nothing is begun that lies further behind the one whose turn it is. */
  readonly ahead: number
}

/** What became of one thing. */
export type Outcome<Made> =
  { readonly ok: true; readonly made: Made } | { readonly ok: false; readonly error: unknown }

/**
 * Begins several things at once and finishes each in the given order; what `finish` throws aborts
 * the signal of those that go on, and is thrown once they have ended.
 */
export async function inOrder<Item, Made>(
  items: readonly Item[],
  { atOnce, ahead }: InOrderBounds,
  begin: (item: Item, signal: AbortSignal) => Promise<Made>,
  finish: (item: Item, outcome: Outcome<Made>) => Promise<void>,
): Promise<void> {
  const stop = new AbortController()
  const slots = items.map((item) => ({ item, ...Promise.withResolvers<Outcome<Made>>() }))
  let [next, turn] = [0, 0]
  let room = Promise.withResolvers<void>()
  const work = async () => {
    while (!stop.signal.aborted) {
      if (next >= turn + ahead && next < slots.length) {
        await room.promise
        continue
      }
      const slot = slots[next]
      if (!slot) return
      next += 1
      slot.resolve(await outcomeOf(begin(slot.item, stop.signal)))
    }
  }
  const workers = Array.from({ length: atOnce }, work)
  try {
    for (const { item, promise } of slots) {
      await finish(item, await promise)
      turn += 1
      room.resolve()
      room = Promise.withResolvers()
    }
  } finally {
    stop.abort()
    room.resolve()
    await Promise.all(workers)
  }
}

function outcomeOf<Made>(work: Promise<Made>): Promise<Outcome<Made>> {
  return work.then(
    (made) => ({ ok: true, made }),
    (error: unknown) => ({ ok: false, error }),
  )
}
