import type { Invariant } from '../facts.ts'
import type { At, Send } from '../sends.ts'

/** I9: a message that was acknowledged before another was first sent has the lower number. */
export const orderInTime: Invariant = ({ sends }) => {
  const accepted = [...sends.values()].filter((send) => send.accepted.length > 0)
  const byConversation = Map.groupBy(accepted, (send) => answerTo(send).conversation)
  return [...byConversation.values()].flatMap(ofConversation)
}

type Answer = At<{ readonly conversation: string; readonly seq: number }>

function answerTo(send: Send): Answer {
  const [first] = send.accepted
  if (first === undefined) throw new Error('the message was not accepted')
  return first
}

function ofConversation(sends: readonly Send[]): string[] {
  const answers = sends.map(answerTo).toSorted((one, other) => one.at - other.at)
  const told: string[] = []
  let [next, highest] = [0, 0]
  // Messages stand in the order of their first attempts.
  for (const send of sends) {
    for (; (answers[next]?.at ?? Infinity) < send.invoked.at; next += 1) {
      highest = Math.max(highest, answers[next]?.seq ?? 0)
    }
    const { seq } = answerTo(send)
    if (seq <= highest) {
      told.push(`${send.invoked.body || send.id} got ${seq} when ${highest} was acknowledged`)
    }
  }
  return told
}
