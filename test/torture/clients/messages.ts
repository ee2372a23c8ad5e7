import { idBytes } from '@parley/client'
import type { chat } from '@parley/proto'
import { systemScheduler, uuidText, uuidv7 } from '@parley/service-kit'
import { sendOf } from '../../harness/wire.ts'
import type { Message } from './device.ts'

/** Where messages go: a conversation, or a user's direct one. */
export type Target = { readonly conversationId: string } | { readonly userId: string }

/** What a message says. */
export interface Saying {
  readonly content: chat.Content['content']
  readonly body: string
  readonly target?: number
  readonly replyTo?: number
  readonly receipt?: string
}

/** A new message, or one under a given id. */
export function messageOf(to: Target, saying: Saying, id = newMessageId()): Message {
  const { content, body, target, replyTo, receipt = '' } = saying
  const place = 'userId' in to ? to.userId : to.conversationId
  const wireTarget =
    'userId' in to ? { userId: idBytes(to.userId) } : { conversationId: idBytes(to.conversationId) }
  const rest = { replyToSeq: replyTo ?? 0, receipt }
  return {
    id,
    to: place,
    kind: content?.$case ?? 'nothing',
    body,
    ...(target === undefined ? {} : { target }),
    ...(replyTo === undefined ? {} : { replyTo }),
    command: sendOf(idBytes(id), wireTarget, { content }, rest),
  }
}

/** A text. */
export function text(body: string, replyTo?: number): Saying {
  const content = { $case: 'text', value: { text: body } } as const
  return { content, body, ...(replyTo === undefined ? {} : { replyTo }) }
}

/** Other words for an own text. */
export function edit(target: number, body: string): Saying {
  return { content: { $case: 'edit', value: { targetSeq: target, text: body } }, body, target }
}

/** Takes an own text back. */
export function recall(target: number): Saying {
  return { content: { $case: 'recall', value: { targetSeq: target } }, body: '', target }
}

/** UUIDv7 text. */
export function newMessageId(): string {
  return uuidText(uuidv7(systemScheduler))
}
