import type { chat } from '@parley/proto'
import { bytesKey } from '../../domain/bytes.ts'
import type { Engine } from '../engine.ts'
import { framed } from '../frames.ts'
import type { Session } from '../session.ts'

/** Tells the others in a conversation that this user writes, or has stopped. */
export function typing(engine: Engine, session: Session, value: chat.SetTyping): undefined {
  const place = session.placesById.get(bytesKey(value.conversationId))
  if (place === undefined || place.stays.at(-1)?.to !== Infinity) return
  const { user, userId, userName } = session.identity
  engine.hub.mention(place.conversation, session, `typing/${place.conversation}/${user}`, () =>
    framed({
      $case: 'typing',
      value: { conversationId: place.publicId, userId, userName, typing: value.typing },
    }),
  )
}
