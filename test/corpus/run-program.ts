import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

/** Where a program runs, and for how long before it is killed. */
export interface RunOptions {
  readonly limitMs: number
  readonly cwd?: string
}

/** Runs a program to its end; `code` is null when it was killed or is not there. */
export async function runProgram(program: string, args: readonly string[], options: RunOptions) {
  const { limitMs: timeout, ...where } = options
  const env = { ...process.env, LC_ALL: 'C' }
  const child = spawn(program, args, {
    ...where,
    env,
    timeout,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null))
    child.once('close', resolve)
  })
  const output = await text(child.stdout)
  return { code: await ended, output }
}
