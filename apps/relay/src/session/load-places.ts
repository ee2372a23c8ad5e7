import { bytesKey } from '../domain/bytes.ts'
import type { Place } from '../domain/place.ts'
import type { ConversationView } from '../store/queries/session-view.ts'
import type { Engine } from './engine.ts'
import { framed } from './frames.ts'
import type { Session } from './session.ts'

/** How many entries a device gets of each conversation at its very first hello. */
export const firstEntries = 50

/** Where a device says it stands, by conversation id. */
export type Cursors = ReadonlyMap<string, { readonly epoch: number; readonly seq: number }>

/** Loads all conversations of a session and follows them from where the device stands. */
export async function loadPlaces(engine: Engine, session: Session, cursors: Cursors) {
  const { user, device } = session.identity
  const rows = await engine.journal.ask('sessionView', { user, device })
  const isFirst = cursors.size === 0 && rows.every((row) => row.delivered === 0)
  for (const place of placesOf(rows)) {
    const delivered = rows.find((row) => row.conversation === place.conversation)?.delivered ?? 0
    setOut(session, place, cursors.get(bytesKey(place.publicId)), delivered, isFirst)
    enter(engine, session, place)
  }
  session.begin()
}

/** Loads a conversation that the user has anew, or again. */
export async function loadPlace(engine: Engine, session: Session, conversation: number) {
  const { user, device } = session.identity
  const rows = await engine.journal.ask('sessionView', { user, device, conversation })
  const [place] = placesOf(rows)
  if (place === undefined || session.isOver) return
  const known = session.places.get(conversation)
  if (known !== undefined) {
    known.stays.splice(0, known.stays.length, ...place.stays)
    known.head = Math.max(known.head, place.head)
  }
  enter(engine, session, known ?? place)
  session.flush()
}

function enter(engine: Engine, session: Session, place: Place): void {
  if (session.isOver) return
  const { conversation, publicId, epoch } = place
  if (place.stays.at(-1)?.to === Infinity) {
    const head = engine.hub.follow(session, conversation, publicId, epoch)
    place.head = Math.max(place.head, head)
  }
  session.enter(place)
}

/** Puts the place where the device stands, and tells it of what it will not get. */
function setOut(
  session: Session,
  place: Place,
  cursor: { readonly epoch: number; readonly seq: number } | undefined,
  delivered: number,
  isFirst: boolean,
): void {
  if (cursor !== undefined) {
    place.sent = cursor.epoch === place.epoch ? Math.min(Math.max(cursor.seq, 0), place.head) : 0
    place.acked = place.sent
    return
  }
  const joined = (place.stays[0]?.from ?? 1) - 1
  const newest = isFirst ? Math.max(0, place.head - firstEntries) : 0
  const start = Math.max(delivered, newest)
  if (start <= joined) return
  place.sent = start
  const { publicId: conversationId, epoch } = place
  const value = { conversationId, epoch, from: 1, to: start, why: 2 as const }
  session.tell(framed({ $case: 'gap', value }))
}

/** One place per conversation; rows of one conversation are its stays, ascending. */
function placesOf(rows: readonly ConversationView[]): Place[] {
  const places = new Map<number, Place>()
  for (const row of rows) {
    const stay = { from: row.joinedSeq, to: row.leftSeq === 0 ? Infinity : row.leftSeq }
    const place = places.get(row.conversation)
    if (place === undefined) places.set(row.conversation, newPlace(row, stay))
    else place.stays.push(stay)
  }
  return [...places.values()]
}

function newPlace(row: ConversationView, stay: Place['stays'][number]): Place {
  const { conversation, publicId, epoch, kind, title, head } = row
  return {
    conversation,
    publicId,
    epoch,
    kind,
    title,
    head,
    peerId: row.peerId ?? undefined,
    peerName: row.peerName ?? '',
    stays: [stay],
    sent: 0,
    acked: 0,
    announced: false,
    behind: false,
  }
}
