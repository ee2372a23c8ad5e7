import type { chat } from '@parley/proto'
import { isAppError } from '@parley/errors'
import { bytesKey } from '../../domain/bytes.ts'
import type { Engine } from '../engine.ts'
import { mentionPosition } from '../mention-position.ts'
import type { Session } from '../session.ts'
import type { ReadInput } from '../../commands/read-up-to.ts'

/** Moves the user's read cursor; the others in the conversation and the user's other devices hear of it. */
export async function read(
  engine: Engine,
  session: Session,
  { conversationId, seq }: chat.Read,
): Promise<void> {
  const { user } = session.identity
  const input = { user, conversationId, seq }
  const outcome = await commit(engine, input)
  if (!outcome?.ok || !outcome.answer.moved) return
  const place = session.placesById.get(bytesKey(conversationId)) ?? {
    conversation: outcome.answer.conversation,
    publicId: conversationId,
    kind: outcome.answer.kind,
  }
  mentionPosition(engine, session, place, { deliveredSeq: 0, readSeq: outcome.answer.seq })
}

/** Undefined when nobody knows: the next mark of the user covers this one. */
async function commit(engine: Engine, input: ReadInput) {
  try {
    return await engine.commits.run({ name: 'readUpTo', input })
  } catch (error) {
    if (isAppError(error) && error.kind === 'unavailable') return undefined
    throw error
  }
}
