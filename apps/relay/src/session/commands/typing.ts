import type { chat } from '@parley/proto'
import { bytesKey } from '../../domain/bytes.ts'
import type { Engine } from '../engine.ts'
import { mentionTyping } from '../mention-typing.ts'
import type { Session } from '../session.ts'

/** Tells the others in a conversation that this user writes, or has stopped. */
export function typing(engine: Engine, session: Session, value: chat.SetTyping): undefined {
  const place = session.placesById.get(bytesKey(value.conversationId))
  if (place === undefined || place.stays.at(-1)?.to !== Infinity) return
  const { user, userId, userName } = session.identity
  const { conversation } = place
  const typist = { conversation, user, userId, userName, typing: value.typing }
  mentionTyping(engine.hub, session, typist)
  engine.peers?.typing(typist)
}
