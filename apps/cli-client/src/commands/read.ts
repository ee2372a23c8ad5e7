import { idText } from '@parley/client'
import { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { conversationId, conversations } from '../look-up.ts'
import { example, targetArgument, wholeNumber } from '../options.ts'
import { withClient } from '../session.ts'
import type { Asking } from '../session.ts'

/** `parley read TARGET [SEQ]`. */
export function define(command: Command, cli: Cli): void {
  targetArgument(command)
    .argument('[seq]', 'up to this number; all unless told', wholeNumber)
    .addHelpText('after', example('parley read @bob'))
    .action((target: string, seq?: number) => markRead(cli, target, seq))
}

function markRead(cli: Cli, target: string, given?: number): Promise<void> {
  return withClient(cli, 'transient', async (chatting) => {
    const id = await conversationId(chatting, target)
    const { headSeq, readSeq } = await summaryOf(chatting, id)
    // What was read stays read, and what is not there cannot be.
    const seq = Math.max(readSeq, Math.min(given ?? headSeq, headSeq))
    await chatting.client.online()
    chatting.client.read(id, seq)
    cli.out.result({ type: 'read', conversationId: id, seq }, `read up to #${seq}`)
  })
}

async function summaryOf({ calls }: Asking, id: string): Promise<chat.ConversationSummary> {
  for await (const summary of conversations(calls)) {
    if (idText(summary.conversationId) === id) return summary
  }
  throw new AppError('not-found', 'NO_CONVERSATION', 'there is no such conversation to be seen')
}
