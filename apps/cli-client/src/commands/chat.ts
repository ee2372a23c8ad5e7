import type { Command } from 'commander'
import { runChat } from '../chat/run-chat.ts'
import type { Cli } from '../cli.ts'
import { example, targetArgument } from '../options.ts'
import { withClient } from '../session.ts'

/** `parley chat [TARGET]`. */
export function define(command: Command, cli: Cli): void {
  targetArgument(command, '[target]')
    .addHelpText('after', example('parley chat @bob'))
    .addHelpText('after', '\n/help inside lists its commands; Ctrl-D leaves.')
    .action((target?: string) => chat(cli, target))
}

async function chat(cli: Cli, target?: string): Promise<void> {
  const chatting = withClient(cli, 'lasting', (opened) => runChat(opened, target))
  // To be interrupted is one way to leave.
  await chatting.catch((error: unknown) => {
    if (!cli.signal.aborted) throw error
  })
}
