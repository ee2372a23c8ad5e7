import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { currentEnv } from '../config.ts'

/** How a command ended and what it printed. */
export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
  /** The JSON lines of stdout. */
  readonly lines: Record<string, unknown>[]
}

const bin = join(import.meta.dirname, '../../bin')

/** Runs the real command as its own process until it ends. */
export function runParley(
  env: Readonly<Record<string, string>>,
  args: readonly string[],
  input = '',
  program: 'parley' | 'parley-admin' = 'parley',
): Promise<Ended> {
  const child = startParley(env, args, program)
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  return endOf(child)
}

/** Starts the real command as its own process. */
export function startParley(
  env: Readonly<Record<string, string>>,
  args: readonly string[],
  program: 'parley' | 'parley-admin' = 'parley',
) {
  const script = join(bin, `${program}.js`)
  return spawn(process.execPath, [script, ...args], { env: { PATH: currentEnv()['PATH'], ...env } })
}

/** Waits for the end of a command. */
export function endOf(child: ReturnType<typeof startParley>): Promise<Ended> {
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, out, err, lines: jsonLines(out) }))
  })
}

function jsonLines(out: string): Record<string, unknown>[] {
  const lines = out.split('\n').filter((line) => line.startsWith('{'))
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}
