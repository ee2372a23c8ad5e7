import { UsageError } from './exit-code.ts'
import { askPassword } from './terminal/password.ts'
import type { Keyboard } from './terminal/password.ts'

const maxStdinBytes = 64 * 1024

/** Where passwords come from, best first: stdin when asked for, the environment, the prompt. */
export interface PasswordSource {
  readonly stdin: Keyboard & AsyncIterable<Buffer>
  readonly screen: { write(text: string): unknown }
  /** `--password-stdin`: one password per line. */
  readonly fromStdin: boolean
}

/** One password that is asked for. */
export interface PasswordQuestion {
  readonly question: string
  /** Its value in the environment. */
  readonly configured: string | undefined
  /** Ask twice, since a typing error would lock the user out. */
  readonly twice: boolean
}

/** The answers to `questions` in their order; throws `UsageError` when one cannot be had. */
export async function readPasswords(
  source: PasswordSource,
  questions: readonly PasswordQuestion[],
): Promise<string[]> {
  if (source.fromStdin) return linesOf(source, questions.length)
  const answers: string[] = []
  for (const asked of questions) answers.push(asked.configured || (await prompt(source, asked)))
  return answers
}

async function prompt(source: PasswordSource, asked: PasswordQuestion): Promise<string> {
  const password = await askPassword(`${asked.question}: `, source.stdin, source.screen)
  if (!asked.twice) return password
  const again = await askPassword(`${asked.question} again: `, source.stdin, source.screen)
  if (again !== password) throw new UsageError('the two passwords differ')
  return password
}

async function linesOf(source: PasswordSource, count: number): Promise<string[]> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of source.stdin) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > maxStdinBytes) throw new UsageError('too much on stdin for a password')
  }
  const lines = Buffer.concat(chunks).toString('utf8').split(/\r?\n/u)
  const answers = lines.slice(0, count)
  if (answers.length === count && !answers.includes('')) return answers
  throw new UsageError(`--password-stdin wants ${count} ${count === 1 ? 'line' : 'lines'} on stdin`)
}
