import { heldBytes, seededRandom } from '@parley/testkit'
import { madeUp, mutatedSession } from './input.ts'
import type { Opened, Target } from './target.ts'

/** After so many a target is not tried further. */
const maxFindings = 5
const maxShownBytes = 2_048

/** What became of all inputs of a target. */
export interface Fuzzed {
  readonly target: string
  readonly inputs: number
  /** So many of them were mutations of valid sessions. */
  readonly mutations: number
  readonly outcomes: Readonly<Record<string, number>>
  /** What was thrown, and by which input. */
  readonly findings: readonly string[]
  readonly heldGrowthBytes: number
  readonly tookMs: number
}

/** Throws so many inputs at a target; the same seed makes the same ones. */
export async function fuzz(target: Target, inputs: number, seed: number): Promise<Fuzzed> {
  const opened = await target.open()
  try {
    return await tryAll(target, opened, { inputs, seed })
  } finally {
    await opened.close?.()
  }
}

async function tryAll(
  target: Target,
  opened: Opened,
  { inputs, seed }: { readonly inputs: number; readonly seed: number },
): Promise<Fuzzed> {
  const outcomes = new Map<string, number>()
  const findings: string[] = []
  // What is made once is no growth.
  const first = Array.from({ length: opened.atOnce ?? 1 }, (_, i) => tryOne(opened, seed + i))
  await Promise.all(first)
  const before = await heldBytes()
  const startedMs = performance.now()
  let next = 0
  const line = async () => {
    while (next < inputs && findings.length < maxFindings) {
      const { outcome, finding } = await tryOne(opened, seed + next++)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      if (finding !== undefined) findings.push(finding)
    }
  }
  await Promise.all(Array.from({ length: opened.atOnce ?? 1 }, line))
  const tookMs = Math.round(performance.now() - startedMs)
  await opened.isSound?.()
  return {
    target: target.name,
    inputs: next,
    mutations: Math.ceil(next / 2),
    outcomes: Object.fromEntries([...outcomes].toSorted(([, one], [, other]) => other - one)),
    findings,
    heldGrowthBytes: (await heldBytes()) - before,
    tookMs,
  }
}

async function tryOne(opened: Opened, seed: number) {
  const random = seededRandom(seed)
  const input = seed % 2 === 0 ? mutatedSession(opened, random) : madeUp(opened, random)
  try {
    return { outcome: await opened.try(input, random), finding: undefined }
  } catch (error) {
    const stack = error instanceof Error ? error.stack : String(error)
    const bytes = input.subarray(0, maxShownBytes).toString('hex')
    return { outcome: 'threw', finding: `seed ${seed}: ${stack}\n${input.length} bytes: ${bytes}` }
  }
}

/** How many inputs each target gets of all: by weight, none less than one. */
export function sharesOf(targets: readonly Target[], inputs: number): Map<Target, number> {
  const whole = targets.reduce((sum, { weight }) => sum + weight, 0)
  return new Map(targets.map((one) => [one, Math.ceil((inputs * one.weight) / whole)]))
}
