import type { ClientEvent, ConnectionState } from '@parley/client'
import { chat } from '@parley/proto'
import { availabilityWord, visibleLine } from '@parley/words'
import { conversationLine, conversationName } from './conversation-line.ts'
import { directLine } from './direct-lines.ts'
import { entryLine } from './entry-line.ts'
import { entryText } from './entry-text.ts'
import type { EventLine } from './output.ts'
import { pictureLine, pictureText } from './picture-line.ts'

/** What an event says, one line per entry or person. */
export function eventLines(event: ClientEvent): EventLine[] {
  switch (event.type) {
    case 'connection':
      return [connectionLine(event.connection)]
    case 'entries':
      return entriesLines(event)
    case 'presence':
      return event.users.map(presenceLine)
    case 'typing':
      return [typingLine(event)]
    case 'gap':
      return [gapLine(event)]
    case 'accepted':
      return [{ line: { ...event, type: 'sent' }, text: '' }]
    case 'refused': {
      const { messageId, reason, message } = event
      return [{ line: event, text: `! message ${messageId} was refused: ${reason}: ${message}` }]
    }
    case 'upgrade':
      return [upgradeLine(event)]
    case 'profile':
      return [profileChangeLine(event.profile)]
    case 'direct-message':
    case 'direct-path':
    case 'direct-doubt':
      return [directLine(event)]
    case 'receipts':
    case 'watching':
    case 'rewound':
      return [{ line: event, text: '' }]
  }
}

/** As `eventLines`, but people are told of an outage once, not at every attempt to connect. */
export function eventTeller(): (event: ClientEvent) => EventLine[] {
  let toldSinceMs: number | undefined
  return (event) => {
    const lines = eventLines(event)
    if (event.type !== 'connection' || event.connection.state !== 'offline') return lines
    const { sinceMs } = event.connection
    const isTold = toldSinceMs === sinceMs
    toldSinceMs = sinceMs
    return isTold ? lines.map(({ line }) => ({ line, text: '' })) : lines
  }
}

type EventOf<Type extends ClientEvent['type']> = Extract<ClientEvent, { type: Type }>

function entriesLines(event: EventOf<'entries'>): EventLine[] {
  const { conversation, firstSeq, entries, shownSeqs = [] } = event
  const { conversationId } = conversation
  const name = visibleLine(conversationName(conversation))
  return entries.map((entry, at) => {
    const placed = { conversationId, seq: firstSeq + at, entry }
    // Its words were told when they came directly.
    const isShown = shownSeqs.includes(placed.seq)
    const told = isShown ? { shown: true } : {}
    const line = { ...entryLine(placed), conversation: conversationLine(conversation), ...told }
    return { line, text: isShown ? '' : `${name}  ${entryText(placed)}` }
  })
}

function connectionLine(connection: ConnectionState): EventLine {
  const line = { ...connection, type: 'connection' }
  switch (connection.state) {
    case 'connecting':
      return { line, text: '' }
    case 'online':
      return { line, text: `~ connected to ${connection.server}` }
    case 'caught-up':
      return { line, text: '~ everything that was missed has been shown' }
    case 'offline':
      return { line, text: `~ offline: ${connection.message}; trying again` }
    case 'stopped':
      // The command ends with it as its failure.
      return { line, text: '' }
  }
}

function presenceLine(user: EventOf<'presence'>['users'][number]): EventLine {
  const { userId, asOfMs } = user
  const availability = availabilityWord(user.availability)
  const name = user.userName || null
  const who = visibleLine(name ? `@${name}` : userId)
  const isKnown = availability !== 'unknown'
  return {
    line: { type: 'presence', userId, name, availability, asOfMs },
    text: isKnown ? `~ ${who} is ${availability}` : `~ whether ${who} is here is not known`,
  }
}

function typingLine(event: EventOf<'typing'>): EventLine {
  const { conversationId, userId, userName, typing } = event
  const text = typing ? `~ ${visibleLine(`@${userName}`)} is writing` : ''
  return { line: { type: 'typing', conversationId, userId, name: userName || null, typing }, text }
}

function upgradeLine(event: EventOf<'upgrade'>): EventLine {
  const version = visibleLine(event.version)
  const text = event.required
    ? `~ this version is too old: parley upgrade --download fetches ${version}`
    : `~ version ${version} can be had: parley upgrade --download`
  return { line: event, text }
}

function profileChangeLine(profile: EventOf<'profile'>['profile']): EventLine {
  const { userId, userName: name, nickname, about, picture } = profile
  const now = [nickname, about, pictureText(picture)].filter((part) => part !== '')
  const words = now.length === 0 ? 'an empty profile now' : `a profile now: ${now.join(', ')}`
  const line = { type: 'profile', userId, name, nickname, about, picture: pictureLine(picture) }
  return { line, text: `~ ${visibleLine(`@${name}`)} has ${visibleLine(words)}` }
}

const gapWords: Readonly<Record<number, string>> = {
  [chat.Gap_Why.NOT_A_MEMBER]: 'not-a-member',
  [chat.Gap_Why.OLDER]: 'older',
}

function gapLine(event: EventOf<'gap'>): EventLine {
  const { conversationId, from, to, why } = event
  return {
    line: { type: 'gap', conversationId, from, to, why: gapWords[why] ?? 'unknown' },
    text: '',
  }
}
