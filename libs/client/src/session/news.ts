import type { chat } from '@parley/proto'
import type { ClientEvent } from '../client-events.ts'
import { idText } from '../ids.ts'

/** Events that are told and not stored; undefined for all others. */
export function newsOf(event: NonNullable<chat.Event['event']>): ClientEvent | undefined {
  switch (event.$case) {
    case 'receipts':
      return receipts(event.value)
    case 'typing': {
      const { userName, typing } = event.value
      const conversationId = idText(event.value.conversationId)
      return {
        type: 'typing',
        conversationId,
        userId: idText(event.value.userId),
        userName,
        typing,
      }
    }
    case 'presenceChanged':
      return { type: 'presence', users: event.value.users.map(presence) }
    case 'profileChanged': {
      const { profile } = event.value
      return profile && { type: 'profile', profile: profileView(profile) }
    }
    case 'watching':
      return { type: 'watching', count: event.value.count }
    default:
      return undefined
  }
}

function receipts(value: chat.Receipts): ClientEvent {
  const positions = value.positions.map(({ userId, deliveredSeq, readSeq }) => ({
    userId: idText(userId),
    deliveredSeq,
    readSeq,
  }))
  const conversationId = idText(value.conversationId)
  return { type: 'receipts', conversationId, positions, readCount: value.readCount }
}

function profileView({ userId, name, nickname, about, picture }: chat.Profile) {
  return { userId: idText(userId), userName: name, nickname, about, picture }
}

function presence(user: chat.UserPresence) {
  const { userName, availability, asOfMs } = user
  return { userId: idText(user.userId), userName, availability, asOfMs }
}
