import { InvalidArgumentError } from 'commander'
import type { Command } from 'commander'
import { parseTarget } from './target.ts'

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

/** Adds a TARGET argument; what is none is refused as wrong usage before anything is opened. */
export function targetArgument(command: Command, flags = '<target>', words?: string): Command {
  const description = words ?? "@name, '#group' (quoted for the shell) or a conversation id"
  return command.argument(flags, description, (text: string) => {
    parseTarget(text)
    return text
  })
}
