import { isAppError } from '@parley/errors'
import type { ChatClient } from '@parley/client'
import type { Cli } from '../cli.ts'
import { textContent } from '../sending.ts'
import { withClient } from '../session.ts'
import type { SaidMessage } from './talk.ts'

/** Puts a message that was said here into the outbox, under its id, so that the relay gets it now or later. */
export async function handOver(cli: Cli, client: ChatClient, userId: string, message: SaidMessage) {
  const { messageId, text } = message
  const options = { messageId, ifUnreachable: 'queue' } as const
  const result = await client.send({ userId }, textContent(text), options)
  if (result.state === 'queued') {
    cli.out.result({ type: 'queued', messageId }, '')
    cli.out.note('it goes to the relay when that can be reached (parley outbox)')
    return
  }
  const { conversationId, seq, sentAtMs, duplicate } = result
  const line = { type: 'sent', conversationId, seq, messageId, sentAtMs, duplicate }
  cli.out.result(line, 'and stored by the relay')
}

/** As `handOver` for one message, with a client of its own. */
export async function handOverOnce(cli: Cli, userId: string, message: SaidMessage): Promise<void> {
  try {
    await withClient(cli, 'transient', ({ client }) => handOver(cli, client, userId, message))
  } catch (error) {
    sayNotHandedOver(cli, error)
  }
}

/** Says that a message was shown but will not be stored. */
export function sayNotHandedOver(cli: Cli, error: unknown): void {
  if (!isAppError(error) || cli.signal.aborted) throw error
  const { reason, message } = error
  cli.out.failure('parley', reason, `it was shown, but the relay does not get it: ${message}`)
}
