import type { SeenEntry } from '../events.ts'
import type { Invariant } from '../facts.ts'

/** I5: one entry per conversation and number, for everybody and for ever; it may only be erased. */
export const sameForEverybody: Invariant = ({ events, truth }) => {
  const told: string[] = []
  for (const event of events) {
    if (event.f !== 'entries' && event.f !== 'log') continue
    const log = truth.get(event.conversation)
    if (log === undefined) continue
    event.entries.forEach((entry, i) => {
      const seq = event.first + i
      const stored = log.entries.get(seq)
      if (stored !== undefined && isSame(entry, stored)) return
      const who = event.device || event.user
      told.push(`${who} saw ${words(entry)} at ${seq}, stored is ${words(stored)}`)
    })
  }
  return told
}

function isSame(seen: SeenEntry, stored: SeenEntry): boolean {
  if (seen.sender !== stored.sender || seen.id !== stored.id) return false
  if (seen.kind === 'erased' || stored.kind === 'erased') return true
  return (
    seen.kind === stored.kind &&
    seen.body === stored.body &&
    (seen.target ?? 0) === (stored.target ?? 0) &&
    (seen.replyTo ?? 0) === (stored.replyTo ?? 0) &&
    seen.change === stored.change &&
    seen.member === stored.member
  )
}

function words(entry: SeenEntry | undefined): string {
  if (entry === undefined) return 'nothing'
  return `${entry.body || entry.kind} (${entry.id || 'of the server'})`
}
