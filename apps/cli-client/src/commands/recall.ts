import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { conversationId } from '../look-up.ts'
import { example, targetArgument, wholeNumber } from '../options.ts'
import { sendAndSay } from '../sending.ts'
import { withClient } from '../session.ts'

/** `parley recall TARGET SEQ`. */
export function define(command: Command, cli: Cli): void {
  targetArgument(command)
    .argument('<seq>', 'the number of the message', wholeNumber)
    .addHelpText('after', example('parley recall @bob 12'))
    .action((target: string, seq: number) => recallEntry(cli, target, seq))
}

function recallEntry(cli: Cli, target: string, targetSeq: number): Promise<void> {
  return withClient(cli, 'transient', async (chatting) => {
    const id = await conversationId(chatting, target)
    const content = { content: { $case: 'recall', value: { targetSeq } } } as const
    await sendAndSay(chatting, { conversationId: id }, content)
  })
}
