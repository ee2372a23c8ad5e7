import type { chat } from '@parley/proto'
import { bytesKey } from '../../domain/bytes.ts'
import { isDirect } from '../../domain/direct.ts'
import type { Engine } from '../engine.ts'
import { mentionDirect, signalOf } from '../mention-direct.ts'
import type { Session } from '../session.ts'

const directKind = 1
const offer = 1
const withdraw = 3

/**
 * Hands on what a device says about a path without servers. Who it is does not hear whether anybody
 * was told: no such conversation, no consent of the other and a block look the same.
 */
export function direct(engine: Engine, session: Session, value: chat.Direct): undefined {
  const place = session.placesById.get(bytesKey(value.conversationId))
  if (place?.kind !== directKind || place.stays.at(-1)?.to !== Infinity) return
  if (!isDirect(value)) return
  const wasOffered = place.offersDirect
  if (value.step === offer) place.offersDirect = true
  if (value.step === withdraw) place.offersDirect = false
  if (!(place.offersDirect || wasOffered) || place.isBlocked) return
  const { conversation, publicId } = place
  const signal = signalOf(session, publicId, value, engine.scheduler.now())
  const { user } = session.identity
  const word = { conversation, user, toDevice: value.deviceId, signal }
  mentionDirect(engine.hub, word)
  engine.peers?.direct(word)
}
