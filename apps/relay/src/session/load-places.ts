import { AppError } from '@parley/errors'
import { bytesKey } from '../domain/bytes.ts'
import { mergeStays, visibleHead } from '../domain/place.ts'
import type { Place } from '../domain/place.ts'
import type { ConversationView } from '../store/queries/session-view.ts'
import type { Engine } from './engine.ts'
import { framed } from './frames.ts'
import type { Session } from './session.ts'

/** How many entries a device gets of each conversation at its very first hello. */
const firstEntries = 50
/** How often the conversations are asked for again because they changed meanwhile. */
export const maxViews = 20

/** Where a device says it stands, by conversation id. */
export type Cursors = ReadonlyMap<string, { readonly epoch: number; readonly seq: number }>

/** Loads all conversations of a session and follows them from where the device stands. */
export async function loadPlaces(engine: Engine, session: Session, cursors: Cursors) {
  const rows = await view(engine, session)
  const isFirst = cursors.size === 0 && rows.every((row) => row.delivered === 0)
  const delivered = new Map(rows.map((row) => [row.conversation, row.delivered]))
  for (const place of placesOf(rows)) {
    const stored = delivered.get(place.conversation) ?? 0
    setOut(session, place, cursors.get(bytesKey(place.publicId)), stored, isFirst)
    enter(engine, session, place)
  }
  session.begin()
  engine.peers?.entered(session.places.keys())
}

/** Loads a conversation that the user has anew, or again. */
export async function loadPlace(engine: Engine, session: Session, conversation: number) {
  const rows = await view(engine, session, conversation)
  const [place] = placesOf(rows)
  if (place === undefined || session.isOver) return
  const known = session.places.get(conversation)
  if (known !== undefined) {
    mergeStays(known, place.stays)
    known.head = Math.max(known.head, place.head)
    known.vouched = Math.max(known.vouched, place.vouched)
    known.isBlocked = place.isBlocked
  }
  enter(engine, session, known ?? place)
  engine.peers?.entered([conversation])
  session.flush()
}

/** Loads the conversations of which a session lacks a stay: nobody has told it. */
export async function loadMissing(engine: Engine, session: Session) {
  for (const { conversation, stays } of placesOf(await view(engine, session))) {
    const known = session.places.get(conversation)?.stays.length ?? 0
    if (known < stays.length) await loadPlace(engine, session, conversation)
  }
}

/**
 * What the database knows of a session's conversations. A stay that begins or ends while the answer
 * is on its way is not in it, and nobody would tell again: so it is asked for again.
 */
async function view(engine: Engine, session: Session, conversation?: number) {
  const { user, device } = session.identity
  const only = conversation === undefined ? {} : { conversation }
  for (let asked = 0; asked < maxViews; asked += 1) {
    const { moves } = session
    const rows = await engine.journal.ask('sessionView', { user, device, ...only })
    if (session.moves === moves || session.isOver) return rows
  }
  const message = 'the conversations of a user change faster than they can be read'
  throw new AppError('unavailable', 'BUSY', message)
}

function enter(engine: Engine, session: Session, place: Place): void {
  if (session.isOver) return
  if (place.stays.at(-1)?.to === Infinity) {
    const head = engine.hub.follow(session, place)
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
  const newest = isFirst ? Math.max(0, visibleHead(place) - firstEntries) : 0
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
    vouched: head,
    peerId: row.peerId ?? undefined,
    peerName: row.peerName ?? '',
    stays: [stay],
    sent: 0,
    acked: 0,
    announced: false,
    isBlocked: row.blocked !== 0,
    offersDirect: false,
    behind: false,
  }
}
