import type { Invariant } from '../facts.ts'
import type { Send } from '../sends.ts'

/** I8: what one client sent to a conversation is stored in the order of its first attempts. */
export const orderOfSenders: Invariant = ({ sends }) => {
  const last = new Map<string, { readonly seq: number; readonly send: Send }>()
  const told: string[] = []
  for (const send of sends.values()) {
    const [accepted] = send.accepted
    if (accepted === undefined) continue
    const key = `${send.client} ${accepted.conversation}`
    const before = last.get(key)
    if (before !== undefined && before.seq >= accepted.seq) {
      told.push(`${words(send)} got ${accepted.seq} after ${words(before.send)} got ${before.seq}`)
    }
    last.set(key, { seq: accepted.seq, send })
  }
  return told
}

function words({ invoked, id }: Send): string {
  return invoked.body || id
}
