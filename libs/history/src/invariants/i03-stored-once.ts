import type { Facts, Invariant } from '../facts.ts'
import { sendKey } from '../sends.ts'

/** I3: a message is stored at most once, and every answer to it names the same place. */
export const storedOnce: Invariant = (facts) => [...storedTwice(facts), ...answeredTwoWays(facts)]

function storedTwice({ truth }: Facts): string[] {
  const places = new Map<string, string>()
  const told: string[] = []
  for (const { conversation, entries } of truth.values()) {
    for (const [seq, { sender, id, body }] of entries) {
      if (id === '') continue
      const place = `${conversation} ${seq}`
      const first = places.get(sendKey(sender, id))
      if (first === undefined) places.set(sendKey(sender, id), place)
      else told.push(`${body || id} stands at ${first} and at ${place}`)
    }
  }
  return told
}

function answeredTwoWays({ sends }: Facts): string[] {
  return [...sends.values()].flatMap(({ accepted, invoked, id }) => {
    const places = new Set(accepted.map(({ conversation, seq }) => `${conversation} ${seq}`))
    if (places.size <= 1) return []
    return [`${invoked.body || id} was accepted as ${[...places].join(' and as ')}`]
  })
}
