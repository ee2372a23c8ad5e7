import { chat } from '@parley/proto'
import type { ClientEvent, ConversationView } from '../client-events.ts'
import type { AccountState, StoredEntry } from '../state/local-state.ts'

const entriesPerEvent = 200

/** What was stored but perhaps never shown, because its process was killed in between; oldest first. */
export function* unshownEntries(account: AccountState): Generator<ClientEvent> {
  const unshown = account.unshown()
  if (unshown.length === 0) return
  const views = new Map(account.conversations().map((each) => [each.conversationId, each]))
  for (const { conversationId, afterSeq } of unshown) {
    const stored = views.get(conversationId)
    if (stored === undefined) continue
    const { epoch: _epoch, seq: _seq, ...conversation } = stored
    let at = afterSeq
    for (;;) {
      const entries = account.entries(conversationId, at, entriesPerEvent)
      const last = entries.at(-1)
      if (last === undefined) break
      yield* runsOf(conversation, entries)
      at = last.seq
    }
  }
}

// Numbers that never came divide what is stored.
function* runsOf(
  conversation: ConversationView,
  stored: readonly StoredEntry[],
): Generator<ClientEvent> {
  for (let from = 0; from < stored.length;) {
    const firstSeq = stored[from]?.seq ?? 0
    let to = from
    while (stored[to]?.seq === firstSeq + (to - from)) to += 1
    const entries = stored.slice(from, to).map(({ body }) => chat.Entry.decode(body))
    yield { type: 'entries', conversation, firstSeq, entries }
    from = to
  }
}
