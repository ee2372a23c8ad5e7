import type { Place } from '../domain/place.ts'
import type { Engine } from './engine.ts'
import { framed } from './frames.ts'
import type { Session } from './session.ts'

/** In conversations with more followers than this, readers are only counted. */
export const maxReceiptFollowers = 50

/** Tells the others in a conversation how far this user has come; 0 for what did not move. */
export function mentionPosition(
  { hub, readCounts }: Engine,
  session: Session,
  place: Pick<Place, 'conversation' | 'publicId' | 'kind'>,
  moved: { readonly deliveredSeq: number; readonly readSeq: number },
): void {
  if (place.kind === 3) return
  if (hub.following(place.conversation).size > maxReceiptFollowers) {
    if (moved.readSeq > 0) readCounts.note(place.conversation, place.publicId)
    return
  }
  const { user, userId } = session.identity
  const what = moved.readSeq > 0 ? 'read' : 'delivered'
  hub.mention(place.conversation, session, `${what}/${place.conversation}/${user}`, () =>
    framed({
      $case: 'receipts',
      value: {
        conversationId: place.publicId,
        positions: [{ userId, ...moved }],
        readCount: 0,
      },
    }),
  )
}
