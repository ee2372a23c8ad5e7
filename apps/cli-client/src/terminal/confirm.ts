import { createInterface } from 'node:readline/promises'
import { AppError } from '@parley/errors'
import { visibleLine } from '@parley/words'
import type { Cli } from '../cli.ts'

/**
 * Asks at the terminal whether something is meant; throws (precondition, NOT_CONFIRMED) when it is
 * not, and where nobody can be asked.
 */
export async function confirm({ terminal, signal, out }: Cli, question: string): Promise<void> {
  const { stdin: input, stderr: output } = terminal
  if (out.json || !input.isTTY || !output.isTTY) throw refused(`${question} Say so with --yes.`)
  const readline = createInterface({ input, output })
  try {
    const answer = await readline.question(`${visibleLine(question)} [y/N] `, { signal })
    if (!/^y(?:es)?$/iu.test(answer.trim())) throw refused('nothing was done')
  } finally {
    readline.close()
  }
}

function refused(message: string): AppError {
  return new AppError('precondition', 'NOT_CONFIRMED', message)
}
