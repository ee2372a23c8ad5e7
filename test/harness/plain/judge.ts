import type { Answer, History, SeenEntry } from '../history.ts'
import type { PlainUser, Shown, Try } from './plain-user.ts'

/** How a reader notes what is no text: `(membership)`. */
const isNoText = /^\(\w+\)$/

/** Whose messages lie in which log, as their user calls it. */
interface Account {
  readonly userId: string
  /** The conversation of what is said to somebody. */
  readonly conversationOf: (to: string) => string
}

/**
 * Notes every try of somebody without ids in the history, as the message that was stored for it: the last
 * one for the try that was answered, those before for tries that were not. What nobody tried stays foreign.
 */
export function noteTries(history: History, user: PlainUser, account: Account): void {
  for (const tries of Map.groupBy(user.tries, ({ text }) => text).values()) {
    const conversationId = account.conversationOf(tries[0]?.to ?? '')
    const copies = storedBy(history, account.userId, conversationId).filter(
      ({ body }) => body === tries[0]?.text,
    )
    for (const one of tries) {
      const copy = one.answeredAt === undefined ? takeEarlier(copies, tries) : copies.pop()
      history.sends.push({
        senderId: account.userId,
        messageId: copy?.messageId ?? history.newMessageId(),
        conversationId,
        body: one.text,
        invokedAt: one.saidAt,
        answers: answersOf(one, copy),
      })
    }
  }
}

function storedBy(history: History, userId: string, conversationId: string): SeenEntry[] {
  const stored = history.stored.get(conversationId) ?? []
  return stored.filter(({ senderId }) => senderId === userId)
}

/** One that the answered try does not need. */
function takeEarlier(copies: SeenEntry[], tries: readonly Try[]): SeenEntry | undefined {
  const needed = tries.some(({ answeredAt }) => answeredAt !== undefined) ? 1 : 0
  return copies.length > needed ? copies.shift() : undefined
}

function answersOf({ answeredAt: at }: Try, copy: SeenEntry | undefined): Answer[] {
  if (at === undefined) return []
  // Number 0 is nowhere: an answer to what is not stored.
  return [{ type: 'accepted', seq: copy?.seq ?? 0, duplicate: false, at }]
}

/** The texts of a log, apart by whether this user has said them. */
export function textsBy(userId: string, log: readonly SeenEntry[]) {
  const texts = log.filter(({ body }) => !isNoText.test(body))
  const isOwn = ({ senderId }: SeenEntry) => senderId === userId
  const bodies = (entries: readonly SeenEntry[]) => entries.map(({ body }) => body)
  return {
    own: bodies(texts.filter(isOwn)),
    others: bodies(texts.filter((entry) => !isOwn(entry))),
  }
}

/**
 * What is wrong with what was shown of a log, connection by connection: each has to show a run of it
 * that begins no later than where the one before ended, and the last one has to come to the end.
 */
export function misses(shown: readonly (readonly string[])[], log: readonly string[]): string[] {
  let end = 0
  const told: string[] = []
  for (const [i, run] of shown.entries()) {
    const starts = Array.from({ length: end + 1 }, (_, back) => end - back)
    const start = starts.find((at) => run.every((text, j) => log[at + j] === text))
    if (start === undefined)
      told.push(`connection ${i} after ${end}: ${run.slice(0, 5).join(', ')}`)
    else end = Math.max(end, start + run.length)
  }
  if (end < log.length) told.push(`${log.length - end} were never shown`)
  return told
}

/** The texts of one conversation among what was shown: in a group the sender's name ends with its label. */
export function shownOf(
  { shown }: PlainUser,
  isIn: (from: string) => boolean,
): (readonly string[])[] {
  const ofIt = ({ from }: Shown) => isIn(from) && from !== 'Server' && !from.startsWith('Server#')
  return shown.map((all) => all.filter(ofIt).map(({ text }) => text))
}
