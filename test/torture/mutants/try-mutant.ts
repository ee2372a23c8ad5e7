import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { copyTree } from './copy-tree.ts'
import { breachesFound } from '../exit-codes.ts'
import type { Mutant } from './mutants.ts'

/** What became of a build under the proof profile. */
export interface Verdict {
  /**
   * `mistaken`: promises were broken, but not the one that the mutant breaks. `broken`: it said nothing
   * of the promises, because it did not run to its end in time.
   */
  readonly result: 'caught' | 'passed' | 'mistaken' | 'broken'
  /** The first breaches, or the last words of a broken run. */
  readonly said: string
  readonly tookMs: number
}

const maxSaid = 600
/** Of a run's output so much is looked through: more than the breaches of one stage. */
const maxHeard = 256 * 1024

/** A run of the proof profile, ended. */
interface ProofRun {
  readonly code: number | null
  /** The end of its output. */
  readonly said: string
  readonly tookMs: number
}

/** How a build is tried. */
export interface Trial {
  readonly root: string
  readonly seed: number
  /** The run is ended at this limit, and is broken. */
  readonly limitMs: number
}

/** A copy of the tree in which builds are tried, one after the other. */
export interface Workbench {
  /**
   * Runs the proof profile with the mutant's patch applied, or on the tree as it is when there is no
   * mutant. Throws when the patch does not fit any more.
   */
  try(mutant?: Mutant): Promise<Verdict>
  close(): Promise<void>
}

/** Copies the tree; what the patches leave as it is, is compiled once for all builds. */
export async function openWorkbench(trial: Trial): Promise<Workbench> {
  const home = await mkdtemp(path.join(tmpdir(), 'parley-mutant-'))
  const folder = path.join(home, 'tree')
  const close = () => rm(home, { recursive: true, force: true })
  try {
    await copyTree(trial.root, folder)
  } catch (error) {
    await close()
    throw error
  }
  const env = { ...process.env, NODE_COMPILE_CACHE: path.join(home, 'compiled') }
  return {
    async try(mutant) {
      if (mutant === undefined) return verdictOf(await prove(folder, env, trial))
      await patch(folder, mutant)
      const verdict = verdictOf(await prove(folder, env, trial), mutant)
      await patch(folder, mutant, '--reverse')
      return verdict
    },
    close,
  }
}

async function patch(
  folder: string,
  { name, patchFile }: Mutant,
  ...how: readonly '--reverse'[]
): Promise<void> {
  const words = ['apply', '--whitespace=nowarn', ...how, patchFile]
  try {
    await promisify(execFile)('git', words, { cwd: folder })
  } catch (cause) {
    throw new Error(`the patch ${name} does not fit the code any more`, { cause })
  }
}

function prove(
  folder: string,
  env: NodeJS.ProcessEnv,
  { seed, limitMs }: Trial,
): Promise<ProofRun> {
  const program = path.join(folder, 'test/torture/torture.ts')
  const startedMs = performance.now()
  return new Promise((resolve, reject) => {
    // A group of its own: whatever the run has started goes with it.
    const child = spawn(process.execPath, [program, '--profile', 'proof', '--seed', `${seed}`], {
      cwd: folder,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    const hear = (chunk: Buffer) => (said = (said + chunk.toString()).slice(-maxHeard))
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    const limit = setTimeout(() => killGroup(child.pid), limitMs)
    child.once('error', reject)
    child.once('close', (code) => {
      clearTimeout(limit)
      killGroup(child.pid)
      resolve({ code, said, tookMs: performance.now() - startedMs })
    })
  })
}

/** What became of a build, by what its run said. */
export function verdictOf({ code, said, tookMs }: ProofRun, mutant?: Mutant): Verdict {
  return { result: resultOf(code, said, mutant), said: said.slice(-maxSaid), tookMs }
}

function resultOf(code: number | null, said: string, mutant?: Mutant): Verdict['result'] {
  if (code === 0) return 'passed'
  if (code !== breachesFound) return 'broken'
  return mutant?.shownBy.some((words) => said.includes(words)) ? 'caught' : 'mistaken'
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // The whole group has ended already.
  }
}
