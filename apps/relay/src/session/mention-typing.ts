import type { Hub } from '../hub/hub.ts'
import { framed } from './frames.ts'
import type { Session } from './session.ts'

/** Somebody writes in a conversation, or has stopped. */
export interface Typing {
  readonly conversation: number
  readonly user: number
  readonly userId: Uint8Array
  readonly userName: string
  readonly typing: boolean
}

/** Tells all sessions here but one who writes. */
export function mentionTyping(hub: Hub, except: Session | undefined, typist: Typing): void {
  const { conversation, user, userId, userName, typing } = typist
  const conversationId = hub.publicIdOf(conversation)
  if (conversationId === undefined) return
  const event = () =>
    framed({ $case: 'typing', value: { conversationId, userId, userName, typing } })
  hub.mention(conversation, except, `typing/${conversation}/${user}`, event, user)
}
