import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { example } from '../options.ts'
import { sendOnce } from '../sending.ts'

/** `parley nudge TARGET`. */
export function define(command: Command, cli: Cli): void {
  command
    .argument('<target>', "@name, '#group' or a conversation id")
    .addHelpText('after', example('parley nudge @bob'))
    .action((target: string) => sendOnce(cli, target, { content: { $case: 'nudge', value: {} } }))
}
