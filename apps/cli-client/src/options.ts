import { InvalidArgumentError } from 'commander'

/** The lines that show how a command is called, for its help. */
export function example(...lines: readonly string[]): string {
  return `\nExample:\n${lines.map((line) => `  ${line}`).join('\n')}`
}

/** An option's value as a whole number from 1; commander refuses anything else as wrong usage. */
export function wholeNumber(text: string): number {
  const number = Number(text)
  if (/^\d{1,16}$/.test(text) && number >= 1 && Number.isSafeInteger(number)) return number
  throw new InvalidArgumentError('It must be a whole number from 1.')
}

/** As `wholeNumber`, up to `most`. */
export function numberUpTo(most: number): (text: string) => number {
  return (text) => {
    const number = wholeNumber(text)
    if (number <= most) return number
    throw new InvalidArgumentError(`It must be at most ${most}.`)
  }
}
