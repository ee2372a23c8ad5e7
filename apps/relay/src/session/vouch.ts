import { mergeStays } from '../domain/place.ts'
import type { Place } from '../domain/place.ts'
import type { Hub } from '../hub/hub.ts'
import type { Journal } from '../store/journal.ts'
import type { Session } from './session.ts'

/**
 * Reads the stays of a place again. Whatever ended at or before the head that is known now is in the
 * answer, though nobody has told of it: so nobody who has left is sent what came after.
 */
export async function vouch(
  { hub, journal }: { readonly hub: Hub; readonly journal: Pick<Journal, 'ask'> },
  session: Session,
  place: Place,
): Promise<void> {
  const { conversation, head } = place
  const { user } = session.identity
  const rows = await journal.ask('staysOf', { user, conversation })
  if (session.isOver) return
  const stays = rows.map(({ joinedSeq, leftSeq }) => {
    return { from: joinedSeq, to: leftSeq === 0 ? Infinity : leftSeq }
  })
  mergeStays(place, stays)
  place.vouched = Math.max(place.vouched, head)
  // Others here may have been told of more meanwhile, and nobody will tell again; the same holds of the
  // line that ended the last stay, which may be newer than the head that was known.
  const end = place.stays.at(-1)?.to ?? 0
  if (end === Infinity) {
    place.head = Math.max(place.head, hub.follow(session, place))
  } else {
    place.head = Math.max(place.head, end)
    place.vouched = Math.max(place.vouched, end)
    hub.unfollow(session, conversation)
  }
}
