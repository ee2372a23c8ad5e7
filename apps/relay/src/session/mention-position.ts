import type { Place } from '../domain/place.ts'
import type { Position } from '../domain/signals.ts'
import type { Engine } from './engine.ts'
import { framed } from './frames.ts'
import type { Session } from './session.ts'

/** In conversations with more followers than this, readers are only counted. */
export const maxReceiptFollowers = 50

/** Tells the others in a conversation how far this user has come; 0 for what did not move. */
export function mentionPosition(
  engine: Engine,
  session: Session,
  place: Pick<Place, 'conversation' | 'publicId' | 'kind'>,
  moved: { readonly deliveredSeq: number; readonly readSeq: number },
): void {
  if (place.kind === 3) return
  const { user, userId } = session.identity
  const position = { conversation: place.conversation, user, userId, ...moved }
  if (isCounted(engine, position)) {
    countReader(engine, place.publicId, position)
    if (moved.readSeq > 0) engine.peers?.readersMoved(place.conversation)
  } else if (engine.peers?.position(position) !== false) {
    show(engine, session, place.publicId, position)
  }
}

/** Tells sessions here how far a user has come who is at another relay. */
export function hearPosition(engine: Pick<Engine, 'hub' | 'readCounts'>, position: Position): void {
  const publicId = engine.hub.publicIdOf(position.conversation)
  if (publicId === undefined) return
  if (isCounted(engine, position)) countReader(engine, publicId, position)
  else show(engine, undefined, publicId, position)
}

function isCounted({ hub }: Pick<Engine, 'hub'>, { conversation }: Position): boolean {
  return hub.following(conversation).size > maxReceiptFollowers
}

function countReader(
  { readCounts }: Pick<Engine, 'readCounts'>,
  publicId: Uint8Array,
  { conversation, readSeq }: Position,
): void {
  if (readSeq > 0) readCounts.note(conversation, publicId)
}

function show(
  { hub }: Pick<Engine, 'hub'>,
  except: Session | undefined,
  conversationId: Uint8Array,
  { conversation, user, userId, deliveredSeq, readSeq }: Position,
): void {
  const what = readSeq > 0 ? 'read' : 'delivered'
  const event = () => {
    const positions = [{ userId, deliveredSeq, readSeq }]
    return framed({ $case: 'receipts', value: { conversationId, positions, readCount: 0 } })
  }
  hub.mention(conversation, except, `${what}/${conversation}/${user}`, event, user)
}
