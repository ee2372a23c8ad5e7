import type { Command } from 'commander'
import { runChat } from '../chat/run-chat.ts'
import type { Cli } from '../cli.ts'
import { example, targetArgument } from '../options.ts'
import { screenGraphics } from '../pictures/screen-graphics.ts'
import { withClient } from '../session.ts'

/** `parley chat [TARGET] [--no-image]`. */
export function define(command: Command, cli: Cli): void {
  targetArgument(command, '[target]')
    .option('--no-image', 'no pictures among the lines')
    .addHelpText('after', example('parley chat @bob'))
    .addHelpText('after', '\n/help inside lists its commands; Ctrl-D leaves.')
    .action((target: string | undefined, { image = true }: { readonly image?: boolean }) =>
      chat(cli, target, image),
    )
}

async function chat(cli: Cli, target: string | undefined, isDrawing: boolean): Promise<void> {
  // Asked before anybody types, and before there is anything to hear.
  const mayDraw = isDrawing && cli.config.images && !cli.out.json
  const graphics = mayDraw
    ? await screenGraphics(cli.terminal, cli.config.isMultiplexed)
    : undefined
  const chatting = withClient(cli, 'lasting', (opened) => runChat(opened, target, graphics))
  // To be interrupted is one way to leave.
  await chatting.catch((error: unknown) => {
    if (!cli.signal.aborted) throw error
  })
}
