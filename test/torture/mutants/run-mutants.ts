import path from 'node:path'
import { allMutants } from './mutants.ts'
import type { Mutant } from './mutants.ts'
import { openWorkbench } from './try-mutant.ts'
import type { Verdict } from './try-mutant.ts'

const root = path.resolve(import.meta.dirname, '../../..')
/** The proof profile takes some 60 s on a sound build; a busy machine may need more. */
const limitMs = 5 * 60_000
/** Builds that are tried at once. */
const atOnce = 2

/** What became of one build; the mutant is absent for the one as it is. */
export interface Tried {
  readonly mutant: Mutant | undefined
  readonly verdict: Verdict
}

/** What is tried. */
export interface MutantsRequest {
  readonly seed: number
  /** Names of mutants; all, and the build as it is, when there are none. */
  readonly names: readonly string[]
  readonly tell: (line: string) => void
}

/** Runs the proof profile on each mutant and on the build as it is, two at a time. */
export async function runMutants({ seed, names, tell }: MutantsRequest): Promise<Tried[]> {
  const mutants = await allMutants()
  const wanted = names.length === 0 ? mutants : mutants.filter(({ name }) => names.includes(name))
  // What takes longest comes first, so that no line waits for another at the end: the sound build,
  // and from the last name on, since what only power cuts show is there.
  const builds = names.length === 0 ? [undefined, ...wanted.toReversed()] : wanted
  const waiting = builds.values()
  const tried: Tried[] = []
  const line = async () => {
    const workbench = await openWorkbench({ root, seed, limitMs })
    try {
      // One iterator for all lines: each takes the next build that nobody has.
      for (const mutant of waiting) {
        const verdict = await workbench.try(mutant)
        tried.push({ mutant, verdict })
        tell(lineOf(mutant, verdict))
      }
    } finally {
      await workbench.close()
    }
  }
  await Promise.all(Array.from({ length: atOnce }, line))
  return tried
}

/** True when every mutant was caught and the build as it is was not. */
export function isProven(tried: readonly Tried[]): boolean {
  return tried.every(({ mutant, verdict }) => {
    return verdict.result === (mutant === undefined ? 'passed' : 'caught')
  })
}

function lineOf(mutant: Mutant | undefined, { result, said, tookMs }: Verdict): string {
  const [last = ''] = said.trimEnd().split('\n').slice(-1)
  const name = mutant?.name ?? 'the build as it is'
  return `${name}: ${result} after ${Math.round(tookMs / 1_000)} s: ${last.slice(0, 160)}`
}
