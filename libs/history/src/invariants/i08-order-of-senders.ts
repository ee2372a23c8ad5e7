import type { Facts, Invariant } from '../facts.ts'
import type { Send } from '../sends.ts'

/** How long a change of members may be under way before its answer is known. */
const changeWithinMs = 10_000

/**
 * I8: what one client sent to a conversation is stored in the order of its first attempts. A refusal
 * is not remembered: if its answer was lost and the sender has become a member again meanwhile, the
 * repetition is judged anew, and then it stands where it was accepted.
 */
export const orderOfSenders: Invariant = (facts) => {
  const last = new Map<string, { readonly seq: number; readonly send: Send }>()
  const changes = memberChanges(facts)
  const told: string[] = []
  for (const send of facts.sends.values()) {
    const [accepted] = send.accepted
    if (accepted === undefined) continue
    const key = `${send.client} ${accepted.conversation}`
    const before = last.get(key)
    if (before !== undefined && before.seq >= accepted.seq) {
      const times = changes.get(`${send.user} ${accepted.conversation}`) ?? []
      if (judgedAnew(before.send, times)) continue
      told.push(`${words(send)} got ${accepted.seq} after ${words(before.send)} got ${before.seq}`)
    }
    last.set(key, { seq: accepted.seq, send })
  }
  return told
}

/** By member and conversation: when somebody asked for a change, or heard of it. */
function memberChanges({ events }: Facts): ReadonlyMap<string, readonly number[]> {
  const changes = new Map<string, number[]>()
  for (const event of events) {
    if (event.f !== 'member') continue
    const key = `${event.member} ${event.conversation}`
    const times = changes.get(key) ?? []
    times.push(event.t)
    changes.set(key, times)
  }
  return changes
}

function judgedAnew({ invoked, accepted, attempts }: Send, changes: readonly number[]): boolean {
  // A client library repeats without telling.
  if (attempts.length < 2 && invoked.session !== '') return false
  const from = invoked.t - changeWithinMs
  const to = (accepted[0]?.t ?? invoked.t) + changeWithinMs
  return changes.some((t) => t >= from && t <= to)
}

function words({ invoked, id }: Send): string {
  return invoked.body || id
}
