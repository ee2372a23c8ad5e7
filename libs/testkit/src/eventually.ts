/** How patient `eventually` is. */
export interface EventuallyOptions {
  /** 30 s unless told: a machine with other work to do may take many times as long. */
  readonly timeoutMs?: number
  /** 10 ms unless told. */
  readonly everyMs?: number
}

/**
 * Repeats `fn` until it neither throws nor answers false, and returns what it answered; when time
 * is up it throws the last failure. The one way tests wait.
 */
export async function eventually<T>(
  fn: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<T> {
  const { timeoutMs = 30_000, everyMs = 10 } = options
  const endMs = performance.now() + timeoutMs
  for (;;) {
    try {
      const answer = await fn()
      if (answer !== false) return answer
      if (performance.now() > endMs) throw new Error('still false')
    } catch (cause) {
      if (performance.now() > endMs) throw late(timeoutMs, cause)
    }
    await pause(everyMs)
  }
}

function late(timeoutMs: number, cause: unknown): Error {
  const text = cause instanceof Error ? cause.message : String(cause)
  return new Error(`not within ${timeoutMs} ms: ${text}`, { cause })
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
