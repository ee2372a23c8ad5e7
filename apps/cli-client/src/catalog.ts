import type { Command } from 'commander'

// A command's own file: says its arguments and options and carries it out.
interface CommandModule<C> {
  define(command: Command, cli: C): void
}

/** One line of the list of commands; the file behind it is loaded only when it is called. */
export interface CatalogEntry<C> {
  readonly name: string
  readonly summary: string
  /** What the bare command means, for a command of several. */
  readonly bare?: string
  readonly load: () => Promise<CommandModule<C>>
}
