import type { chat } from '@parley/proto'
import { bytesEqual, bytesKey } from '../domain/bytes.ts'
import type { DirectWord } from '../domain/signals.ts'
import type { Hub } from '../hub/hub.ts'
import type { Engine } from './engine.ts'
import { framed } from './frames.ts'
import type { FramedEvent } from './frames.ts'
import type { Session } from './session.ts'

const none = Buffer.alloc(0)
/** "No more of it", as a device says it. */
const withdrawal = () => ({ step: 3 as const, publicKey: none, candidates: [] })

/**
 * Tells the devices here of the other one in a direct conversation what a device has said about a
 * path between them: those that have offered one themselves, and whose user has not blocked who says it.
 */
export function mentionDirect(hub: Hub, { conversation, user, toDevice, signal }: DirectWord) {
  const conversationId = hub.publicIdOf(conversation)
  if (conversationId === undefined) return
  // Only the last word of a device counts.
  const key = `direct/${conversation}/${bytesKey(signal.deviceId)}`
  let event: FramedEvent | undefined
  for (const session of hub.following(conversation)) {
    const { identity } = session
    if (identity.user === user) continue
    if (toDevice.length > 0 && !bytesEqual(toDevice, identity.deviceId)) continue
    const place = session.places.get(conversation)
    if (place === undefined || !place.offersDirect || place.isBlocked) continue
    event ??= framed({ $case: 'directSignal', value: signal })
    session.mention(key, event)
  }
}

/** The device leaves or is sent away: what it has offered is over. */
export function withdrawAll(engine: Pick<Engine, 'hub' | 'peers' | 'scheduler'>, session: Session) {
  for (const place of session.places.values()) {
    if (!place.offersDirect) continue
    place.offersDirect = false
    const { conversation, publicId } = place
    const signal = signalOf(session, publicId, withdrawal(), engine.scheduler.now())
    const word = { conversation, user: session.identity.user, toDevice: none, signal }
    mentionDirect(engine.hub, word)
    engine.peers?.direct(word)
  }
}

/** What a device has said, as the server vouches for it. */
export function signalOf(
  { identity }: Session,
  conversationId: Uint8Array,
  said: Pick<chat.Direct, 'step' | 'publicKey' | 'candidates'>,
  sentAtMs: number,
): DirectWord['signal'] {
  const { step, publicKey, candidates } = said
  const { userId, userName, deviceId } = identity
  const from = { userId, userName, deviceId }
  return { conversationId, ...from, step, publicKey, candidates, sentAtMs }
}

/** A user has blocked the other of a direct conversation: to this session no path of theirs is there any more. */
export function endDirect(session: Session, conversation: number, nowMs: number): void {
  const place = session.places.get(conversation)
  if (place?.offersDirect !== true) return
  place.offersDirect = false
  const { publicId: conversationId, peerId: userId = none, peerName: userName } = place
  const whose = { conversationId, userId, userName, deviceId: none }
  const value = { ...whose, ...withdrawal(), sentAtMs: nowMs }
  session.mention(`direct/${conversation}/`, framed({ $case: 'directSignal', value }))
}
