import { idText } from '@parley/client'
import type { EventCase } from '../../harness/wire.ts'
import type { Happening } from './recorder.ts'
import { seenEntry } from './seen-entry.ts'

/** What the history is told of an event, exactly as it came; nothing of those it does not keep. */
export function heard(event: EventCase): Happening | undefined {
  switch (event.$case) {
    case 'welcome':
      return { op: 'ok', f: 'connect' }
    case 'caughtUp':
      return { op: 'ok', f: 'caught-up' }
    case 'entries': {
      const { conversationId, firstSeq: first, entries } = event.value
      const conversation = idText(conversationId)
      return { op: 'ok', f: 'entries', conversation, first, entries: entries.map(seenEntry) }
    }
    case 'gap': {
      const { conversationId, from, to, why } = event.value
      const conversation = idText(conversationId)
      return { op: 'ok', f: 'gap', conversation, from, to, why: String(why) }
    }
    default:
      return answer(event)
  }
}

function answer(event: EventCase): Happening | undefined {
  if (event.$case === 'accepted') {
    const { clientMessageId, conversationId, seq, duplicate } = event.value
    const [id, conversation] = [idText(clientMessageId), idText(conversationId)]
    return { op: 'ok', f: 'send', id, conversation, seq, duplicate }
  }
  if (event.$case === 'refused') {
    const { clientMessageId, reason } = event.value
    return { op: 'fail', f: 'send', id: idText(clientMessageId), reason }
  }
  if (event.$case !== 'unresolved') return undefined
  const id = idText(event.value.clientMessageId)
  return { op: 'info', f: 'send', id, why: 'unresolved' }
}
