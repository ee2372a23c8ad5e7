import type { chat } from '@parley/proto'
import { bytesKey } from '../../domain/bytes.ts'
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
  mentionPosition(engine.hub, session, place, { deliveredSeq: seq, readSeq: 0 })
  return undefined
}
