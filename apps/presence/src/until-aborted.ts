/** What comes from `items`, until they end or the signal aborts, which throws its reason at once. */
export async function* untilAborted<T>(
  items: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]()
  const aborted = new Promise<never>((_, reject) => {
    const fail = () => reject(signal.reason as Error)
    if (signal.aborted) fail()
    else signal.addEventListener('abort', fail, { once: true })
  })
  // The race may be over before the abort comes.
  aborted.catch(() => undefined)
  for (;;) {
    const next = await Promise.race([aborted, iterator.next()])
    if (next.done) return
    yield next.value
  }
}
