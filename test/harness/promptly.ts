import { readFileSync } from 'node:fs'

/** How often a time is taken at most before it counts as missed. */
const tries = 3

/**
 * Takes a time that is promised of a machine with nothing else to do. A machine that has other work,
 * as a shared one may, is slower: what it takes is counted as what it would have taken if this process
 * had never had to wait for a processor, and it is asked again, three times in all. What is to happen
 * has to happen each time, however late. Throws when it was late every time.
 */
export async function promptly(
  limitMs: number,
  takeTimeMs: (attempt: number) => Promise<number>,
): Promise<void> {
  const told: string[] = []
  while (told.length < tries) {
    const before = processorTime()
    const tookMs = await takeTimeMs(told.length)
    const slower = slowerSince(before)
    if (tookMs / slower < limitMs) return
    told.push(`${Math.round(tookMs)} ms (${slower.toFixed(1)} times slower than alone)`)
  }
  throw new Error(`took ${told.join(', ')}, never less than ${limitMs} ms`)
}

/** How long something takes. */
export async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now()
  await work()
  return performance.now() - startedMs
}

/**
 * What is still taken for in time where a promise can be looked at only once: shows what hangs or was
 * forgotten, not what is slow.
 */
export function late(limitMs: number): number {
  return 4 * limitMs
}

/** How patient a test is with what must happen, when how soon is judged apart. */
export const patiently = { timeoutMs: 60_000 }

interface ProcessorTime {
  readonly ranNs: number
  /** It could have run, but others did. */
  readonly waitedNs: number
}

function slowerSince(before: ProcessorTime): number {
  const { ranNs, waitedNs } = processorTime()
  const ran = ranNs - before.ranNs
  return ran > 0 ? 1 + (waitedNs - before.waitedNs) / ran : 1
}

/** Of the thread that runs this; nothing where the system does not tell. */
function processorTime(): ProcessorTime {
  try {
    const [ranNs = 0, waitedNs = 0] = readFileSync('/proc/self/schedstat', 'utf8')
      .split(' ')
      .map(Number)
    return { ranNs, waitedNs }
  } catch {
    return { ranNs: 0, waitedNs: 0 }
  }
}
