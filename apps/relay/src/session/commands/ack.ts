import type { chat } from '@parley/proto'
import { bytesKey } from '../../domain/bytes.ts'
import type { Place } from '../../domain/place.ts'
import type { Engine } from '../engine.ts'
import { mentionPosition } from '../mention-position.ts'
import type { Session } from '../session.ts'

/** Notes what the device has stored; what goes back or too far is ignored. */
export function ack(engine: Engine, session: Session, { conversationId, epoch, seq }: chat.Ack) {
  const place = session.placesById.get(bytesKey(conversationId))
  if (place === undefined || place.epoch !== epoch) return undefined
  if (seq <= place.acked || seq > place.sent) return undefined
  place.acked = seq
  engine.acks.note(session.identity.device, place.conversation, seq)
  if (!isOvertaken(engine, session, place)) {
    mentionPosition(engine, session, place, { deliveredSeq: seq, readSeq: 0 })
  }
  return undefined
}

/** Another device of the user has come further: what counts as delivered does not go back. */
function isOvertaken(engine: Engine, session: Session, { conversation, acked }: Place): boolean {
  for (const other of engine.hub.sessionsOf(session.identity.user)) {
    if (other !== session && (other.places.get(conversation)?.acked ?? 0) >= acked) return true
  }
  return false
}
