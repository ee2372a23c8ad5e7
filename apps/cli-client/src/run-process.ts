import { setImmediate } from 'node:timers/promises'
import packageJson from '../package.json' with { type: 'json' }
import type { Cli } from './cli.ts'
import { exitCodes, failureOf } from './exit-code.ts'
import { interruption } from './interruption.ts'
import { Output } from './output.ts'
import { runProgram } from './program.ts'
import type { ProgramOutput, ProgramSpec } from './program.ts'

// What still holds the process open after its work is done is a leak, and must not hang a script.
const lingerLimitMs = 3_000

/** What a program gets of the process it runs in. */
export type Surroundings = Omit<Cli, 'config'>

/** Carries out this process's command line and sets its exit code. */
export async function runProcess<C extends ProgramOutput>(
  spec: Omit<ProgramSpec<C>, 'version'>,
  open: (surroundings: Surroundings) => C | Promise<C>,
): Promise<void> {
  const { stdin, stdout, stderr } = process
  const { signal, readerLeft, outputFailure } = interruption(process)
  const out = new Output(stdout, stderr)
  const terminal = { stdin, stdout, stderr }
  try {
    const cli = await open({ out, terminal, signal })
    const full = { ...spec, version: packageJson.version }
    const code = await runProgram(full, process.argv.slice(2), cli)
    // A stream tells of its failure one turn after the write.
    await setImmediate()
    const lost = outputFailure()
    if (lost && code === exitCodes.success) throw lost
    process.exitCode = readerLeft() ? exitCodes.success : code
  } catch (error) {
    const failure = failureOf(error)
    out.failure(spec.name, failure.reason, failure.message)
    process.exitCode = failure.code
  }
  setTimeout(() => process.exit(), lingerLimitMs).unref()
}
