import type { Command } from 'commander'
import { runChat } from '../chat/run-chat.ts'
import type { Cli } from '../cli.ts'
import { example, targetArgument } from '../options.ts'
import { screenGraphics } from '../pictures/screen-graphics.ts'
import { withClient } from '../session.ts'

/** `parley chat [TARGET] [--no-image] [--direct]`. */
export function define(command: Command, cli: Cli): void {
  targetArgument(command, '[target]')
    .option('--no-image', 'no pictures among the lines')
    .option(
      '--direct',
      'talk without the server in between, too, where the other does (PARLEY_DIRECT=1)',
    )
    .addHelpText('after', example('parley chat @bob'))
    .addHelpText('after', '\n/help inside lists its commands; Ctrl-D leaves.')
    .action((target: string | undefined, asked: Asked) => chat(cli, target, asked))
}

interface Asked {
  readonly image?: boolean
  readonly direct?: boolean
}

async function chat(cli: Cli, target: string | undefined, asked: Asked): Promise<void> {
  // Asked before anybody types, and before there is anything to hear.
  const mayDraw = (asked.image ?? true) && cli.config.images && !cli.out.json
  const graphics = mayDraw
    ? await screenGraphics(cli.terminal, cli.config.isMultiplexed)
    : undefined
  const isDirect = asked.direct ?? cli.config.isDirect
  const chatting = withClient(cli, 'lasting', (opened) =>
    runChat(opened, target, graphics, isDirect),
  )
  // To be interrupted is one way to leave.
  await chatting.catch((error: unknown) => {
    if (!cli.signal.aborted) throw error
  })
}
