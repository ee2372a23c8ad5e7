import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { conversationId } from '../look-up.ts'
import { example, targetArgument, wholeNumber } from '../options.ts'
import { sendAndSay } from '../sending.ts'
import { withClient } from '../session.ts'

/** `parley edit TARGET SEQ TEXT..`. */
export function define(command: Command, cli: Cli): void {
  targetArgument(command)
    .argument('<seq>', 'the number of your message', wholeNumber)
    .argument('<text...>', 'the new words')
    .addHelpText('after', example("parley edit @bob 12 'See you at nine'"))
    .action((target: string, seq: number, text: string[]) =>
      editEntry(cli, target, seq, text.join(' ')),
    )
}

function editEntry(cli: Cli, target: string, targetSeq: number, text: string): Promise<void> {
  return withClient(cli, 'transient', async (chatting) => {
    const id = await conversationId(chatting, target)
    const content = { content: { $case: 'edit', value: { targetSeq, text } } } as const
    await sendAndSay(chatting, { conversationId: id }, content)
  })
}
