import type { Engine } from './engine.ts'
import { isAway } from './is-away.ts'
import { endDirect } from './mention-direct.ts'
import type { Session } from './session.ts'

/** While the store is away it is looked again so much later. */
const lookAgainMs = 1_000

/**
 * What looks again whom a user has blocked and lets the user's sessions know; one look after the
 * other, so that the last one counts. A session that cannot be told is given to `failed`.
 */
export function blockLooks(
  { hub, journal, scheduler }: Pick<Engine, 'hub' | 'journal' | 'scheduler'>,
  failed: (session: Session, error: unknown) => void,
): (user: number) => void {
  const looking = new Map<number, Promise<void>>()
  const waiting = new Set<number>()
  const later = (user: number) => {
    if (waiting.has(user)) return
    waiting.add(user)
    scheduler.setTimer(lookAgainMs, () => {
      waiting.delete(user)
      lookAt(user)
    })
  }
  const look = async (user: number) => {
    const sessions = [...hub.sessionsOf(user)].filter((session) => !session.isTransient)
    if (sessions.length === 0) return
    // What is being loaded meanwhile may be of before.
    for (const session of sessions) session.moves += 1
    try {
      const blocked = new Set(await journal.ask('blockedDirects', { user }))
      for (const session of sessions) mark(session, blocked, scheduler.now())
    } catch (error) {
      if (isAway(error)) later(user)
      else for (const session of sessions) failed(session, error)
    }
  }
  const lookAt = (user: number) => {
    const last = (looking.get(user) ?? Promise.resolve()).then(() => look(user))
    looking.set(user, last)
    void last.then(() => looking.get(user) === last && looking.delete(user))
  }
  return lookAt
}

function mark(session: Session, blocked: ReadonlySet<number>, nowMs: number): void {
  for (const place of session.places.values()) {
    if (place.kind !== 1) continue
    place.isBlocked = blocked.has(place.conversation)
    if (place.isBlocked) endDirect(session, place.conversation, nowMs)
  }
}
