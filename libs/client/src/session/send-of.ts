import { AppError } from '@parley/errors'
import { chat } from '@parley/proto'
import type { Scheduler } from '@parley/service-kit'
import type { SendOptions, Target } from '../api.ts'
import { idBytes, newId } from '../ids.ts'

/** The longest message that is tried at all; a server takes 16 KiB of text. */
const maxSendBytes = 64 * 1024

/** A message as it goes on the wire, and its bytes. */
export interface EncodedSend {
  readonly send: chat.Send
  readonly command: Uint8Array
}

/** Puts a message together; throws `AppError` (too-large, MESSAGE_TOO_LARGE). */
export function sendOf(
  target: Target,
  content: chat.Content | undefined,
  options: SendOptions,
  scheduler: Scheduler,
): EncodedSend {
  const { messageId, replyToSeq = 0, receipt = '', forwardOf } = options
  const send: chat.Send = {
    clientMessageId: messageId === undefined ? newId(scheduler) : idBytes(messageId),
    target:
      'userId' in target
        ? { $case: 'userId', value: idBytes(target.userId) }
        : { $case: 'conversationId', value: idBytes(target.conversationId) },
    content,
    replyToSeq,
    receipt,
    forwardOf: forwardOf && {
      conversationId: idBytes(forwardOf.conversationId),
      seq: forwardOf.seq,
    },
  }
  const command = chat.Send.encode(send).finish()
  // A frame over the limit would end the stream, and the message would be tried again for ever.
  if (command.length <= maxSendBytes) return { send, command }
  throw new AppError('too-large', 'MESSAGE_TOO_LARGE', 'the message is too long')
}
