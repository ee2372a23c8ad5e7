import type { SendOptions, SendResult, Target } from '@parley/client'
import { AppError, isAppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import { systemScheduler, uuidText, uuidv7 } from '@parley/service-kit'
import type { Cli } from './cli.ts'
import { sendTarget } from './look-up.ts'
import { withClient } from './session.ts'
import type { Chatting } from './session.ts'

/** Sends one content to TARGET and prints where it went; throws (unavailable, QUEUED) when it has to wait in the outbox. */
export function sendOnce(
  cli: Cli,
  target: string,
  content: chat.Content | undefined,
  options: SendOptions = {},
): Promise<void> {
  return withClient(cli, 'transient', async (chatting) => {
    await sendAndSay(chatting, await sendTarget(chatting, target), content, options)
  })
}

/** What else a `sent` line says. */
export interface SentFacts {
  /** Of a file: the server had its bytes already. */
  readonly instant?: boolean
  /** Of a file: where it is. */
  readonly path?: string
}

/** As `sendOnce`, in a session that is open already. */
export async function sendAndSay(
  chatting: Chatting,
  target: Target,
  content: chat.Content | undefined,
  options: SendOptions = {},
): Promise<void> {
  saySent(chatting.cli, await sendOrQueue(chatting, target, content, options))
}

/** Sends one content; it waits in the outbox when the server cannot be reached. */
export function sendOrQueue(
  chatting: Chatting,
  target: Target,
  content: chat.Content | undefined,
  options: SendOptions = {},
): Promise<SendResult> {
  const messageId = uuidText(uuidv7(systemScheduler))
  const all = { ...options, messageId, ifUnreachable: 'queue' } as const
  const sending = chatting.client.send(target, content, all)
  return sending.catch((error: unknown) => rethrow(error, chatting, messageId))
}

// A login that has ended, or a client that is too old, refuses no message: it goes out after the next
// login or the upgrade, and that must be known.
function rethrow(error: unknown, { login, state }: Chatting, messageId: string): never {
  if (!isAppError(error) || !isOfSession(error)) throw error
  const waiting = state.account(login.userId).outbox(systemScheduler.now())
  if (!waiting.some((row) => row.messageId === messageId)) throw error
  const message = `${error.message} The message waits in the outbox as ${messageId}.`
  throw new AppError(error.kind, error.reason, message, { cause: error })
}

function isOfSession({ kind, reason }: AppError): boolean {
  return kind === 'unauthenticated' || reason === 'CLIENT_TOO_OLD'
}

/** Prints what became of a message; throws (unavailable, QUEUED) when it waits in the outbox. */
export function saySent(cli: Cli, result: SendResult, facts: SentFacts = {}): void {
  if (result.state === 'queued') {
    const { messageId } = result
    cli.out.result({ type: 'queued', messageId }, '')
    throw queued(messageId)
  }
  const { conversationId, seq, messageId, sentAtMs, duplicate } = result
  const line = { type: 'sent', conversationId, seq, messageId, sentAtMs, duplicate, ...facts }
  cli.out.result(line, `${conversationId} ${seq} ${messageId}`)
}

/** The words of a message as content. */
export function textContent(text: string): chat.Content {
  return { content: { $case: 'text', value: { text } } }
}

function queued(messageId: string): AppError {
  const message = `the server cannot be reached or does not answer; the message waits in the outbox as ${messageId} (parley outbox retry)`
  return new AppError('unavailable', 'QUEUED', message)
}
