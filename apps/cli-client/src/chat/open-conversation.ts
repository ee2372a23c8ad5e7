import { idText } from '@parley/client'
import { isAppError } from '@parley/errors'
import { conversationName } from '../conversation-line.ts'
import { conversationId, getGroup, sendTarget } from '../look-up.ts'
import type { Asking } from '../session.ts'
import { parseTarget } from '../target.ts'
import type { OpenConversation } from './chat-room.ts'

/** The conversation that TARGET means, as one to talk in; a direct one need not have begun. */
export async function openConversation(asking: Asking, text: string): Promise<OpenConversation> {
  const words = parseTarget(text)
  const target = await sendTarget(asking, text)
  if (words.kind === 'user') {
    return { name: text, target, conversationId: await begun(asking, text) }
  }
  const id = 'conversationId' in target ? target.conversationId : undefined
  return { name: await nameOf(asking, text, id), target, conversationId: id }
}

async function begun(asking: Asking, text: string): Promise<string | undefined> {
  try {
    return await conversationId(asking, text)
  } catch (error) {
    if (isAppError(error) && error.reason === 'NO_CONVERSATION') return undefined
    throw error
  }
}

// An id or half a title is no name to show in front of every line.
async function nameOf(asking: Asking, text: string, id: string | undefined): Promise<string> {
  const stored = asking.state.account(asking.login.userId).conversations()
  const known = stored.find((one) => one.conversationId === id)
  if (known) return conversationName(known)
  if (id === undefined) return text
  const group = await getGroup(asking.calls, id).catch(() => undefined)
  return group && idText(group.conversationId) === id ? `#${group.title}` : text
}
