import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { example, targetArgument } from '../options.ts'
import { sendOnce } from '../sending.ts'

/** `parley nudge TARGET`. */
export function define(command: Command, cli: Cli): void {
  targetArgument(command)
    .addHelpText('after', example('parley nudge @bob'))
    .action((target: string) => sendOnce(cli, target, { content: { $case: 'nudge', value: {} } }))
}
