import type { chat } from '@parley/proto'
import { bytesKey } from '../../domain/bytes.ts'
import type { Session } from '../session.ts'

/** Sends a conversation's log again from a place the device names. */
export function pull(session: Session, { conversationId, afterSeq }: chat.Pull): undefined {
  const place = session.placesById.get(bytesKey(conversationId))
  if (place === undefined || afterSeq < 0) return
  session.rewind(place, afterSeq)
}
