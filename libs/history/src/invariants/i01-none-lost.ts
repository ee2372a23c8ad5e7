import type { Invariant } from '../facts.ts'

/** I1: what was acknowledged is stored in the end, by its sender, under its number. */
export const noneLost: Invariant = ({ sends, truth }) =>
  [...sends.values()].flatMap(({ accepted, user, id, invoked }) => {
    const [first] = accepted
    if (first === undefined) return []
    const log = truth.get(first.conversation)
    if (log === undefined) return [`${first.conversation} was not read back`]
    const entry = log.entries.get(first.seq)
    if (entry?.sender === user && entry.id === id) return []
    const there = entry === undefined ? 'nothing' : entry.body || entry.kind
    return [`${invoked.body || id} was accepted as ${first.seq}, there is ${there}`]
  })
