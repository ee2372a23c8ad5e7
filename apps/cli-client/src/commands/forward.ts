import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { conversationId, sendTarget } from '../look-up.ts'
import { example, targetArgument, wholeNumber } from '../options.ts'
import { sendAndSay } from '../sending.ts'
import { withClient } from '../session.ts'

/** `parley forward TARGET SEQ TARGET2`. */
export function define(command: Command, cli: Cli): void {
  targetArgument(command, '<target>', 'where the entry is')
    .argument('<seq>', 'its number', wholeNumber)
    .argument('<target2>', 'where it goes')
    .addHelpText('after', example("parley forward @bob 12 '#Tea'"))
    .action((from: string, seq: number, to: string) => forwardEntry(cli, from, seq, to))
}

function forwardEntry(cli: Cli, from: string, seq: number, to: string): Promise<void> {
  return withClient(cli, 'transient', async (chatting) => {
    const forwardOf = { conversationId: await conversationId(chatting, from), seq }
    await sendAndSay(chatting, await sendTarget(chatting, to), undefined, { forwardOf })
  })
}
