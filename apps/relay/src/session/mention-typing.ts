import type { Typing } from '../domain/signals.ts'
import type { Hub } from '../hub/hub.ts'
import { framed } from './frames.ts'
import type { Session } from './session.ts'

/** Tells all sessions here but one who writes. */
export function mentionTyping(hub: Hub, except: Session | undefined, typist: Typing): void {
  const { conversation, user, userId, userName, typing } = typist
  const conversationId = hub.publicIdOf(conversation)
  if (conversationId === undefined) return
  const event = () =>
    framed({ $case: 'typing', value: { conversationId, userId, userName, typing } })
  hub.mention(conversation, except, `typing/${conversation}/${user}`, event, user)
}
