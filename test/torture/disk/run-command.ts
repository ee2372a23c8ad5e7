import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const limitMs = 20_000

/** Runs a program to its end, at most 20 s, and answers what it said; throws with its last words. */
export async function runCommand(program: string, ...args: readonly string[]): Promise<string> {
  // The tools of filesystems live where not everybody's PATH looks.
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` }
  const { stdout } = await run(program, args, { timeout: limitMs, env })
  return stdout
}
