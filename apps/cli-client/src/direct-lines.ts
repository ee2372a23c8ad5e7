import type { ClientEvent, DirectMessage } from '@parley/client'
import { visible, visibleLine } from '@parley/words'
import { conversationLine, conversationName } from './conversation-line.ts'
import type { EventLine } from './output.ts'

type EventOf<Type extends ClientEvent['type']> = Extract<ClientEvent, { type: Type }>
type DirectEvent = EventOf<'direct-message' | 'direct-path' | 'direct-doubt'>

/** What happens on the ways that need no server. */
export function directLine(event: DirectEvent): EventLine {
  switch (event.type) {
    case 'direct-message': {
      const { conversation, ...said } = event
      const { conversationId } = conversation
      const line = { ...said, conversationId, conversation: conversationLine(conversation) }
      return { line, text: `${visibleLine(conversationName(conversation))}  ${directText(event)}` }
    }
    case 'direct-path':
      return { line: event, text: pathText(event) }
    case 'direct-doubt':
      return { line: event, text: doubtText(event) }
  }
}

/** What came without the server as people read it: it has no number yet, and says how fast the ways are. */
export function directText({ senderName, text, replyToSeq, directMs, relayMs }: DirectMessage) {
  const reply = replyToSeq > 0 ? `(re #${replyToSeq}) ` : ''
  const ways = `via direct ${milliseconds(directMs)} / relay ${milliseconds(relayMs)}`
  // Further lines are indented, so that none can be forged.
  const said = visible(text).replaceAll('\n', '\n    ')
  return `${visibleLine(senderName)}: ${reply}${said} (${ways}, not stored yet)`
}

function milliseconds(ms: number | undefined): string {
  if (ms === undefined) return '-'
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
}

function pathText({ userName, state }: EventOf<'direct-path'>): string {
  const who = visibleLine(`@${userName}`)
  return state === 'open'
    ? `~ direct to ${who}: what is said comes the shortest way, too`
    : `~ no more direct to ${who}: what is said comes through the server`
}

function doubtText({ why }: EventOf<'direct-doubt'>): string {
  return why === 'CONTRADICTED'
    ? '! what came directly is not what is stored: the stored words follow'
    : '! something that came directly has not come through the server: it may never be stored'
}
