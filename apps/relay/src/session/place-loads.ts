import type { Engine } from './engine.ts'
import { isAway } from './is-away.ts'
import { loadPlace } from './load-places.ts'
import type { Session } from './session.ts'

/** What could not be loaded while the store was away is tried again so much later. */
const againMs = 1_000

/**
 * What loads conversations that users have anew. While the store is away a session waits, and keeps
 * what it has; for any other reason it is given to `failed`.
 */
export function placeLoads(
  engine: Engine,
  failed: (session: Session, error: unknown) => void,
): (session: Session, conversation: number) => void {
  const waiting = new WeakMap<Session, Set<number>>()
  const load = (session: Session, conversation: number) => {
    loadPlace(engine, session, conversation).catch((error: unknown) => {
      if (isAway(error)) later(session, conversation)
      else failed(session, error)
    })
  }
  const later = (session: Session, conversation: number) => {
    const conversations = waiting.get(session) ?? new Set()
    conversations.add(conversation)
    // One timer for a session, however much it lacks.
    if (waiting.has(session)) return
    waiting.set(session, conversations)
    engine.scheduler.setTimer(againMs, () => {
      waiting.delete(session)
      if (!session.isOver) for (const each of conversations) load(session, each)
    })
  }
  return load
}
