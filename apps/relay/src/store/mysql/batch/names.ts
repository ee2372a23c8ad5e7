import type { SendInput } from '../../../commands/send-input.ts'
import type { Command } from '../../journal.ts'
import { idKey } from './working-set.ts'

type Ids = Map<string, Uint8Array>

/** What the commands of a batch name; it is fetched in few statements before the first one runs. */
export interface Names {
  readonly sends: readonly SendInput[]
  /** Conversations that are written to, by number and by public id. */
  readonly conversations: ReadonlySet<number>
  readonly conversationIds: ReadonlyMap<string, Uint8Array>
  /** Conversations that somebody reads up to an entry; nothing else of them changes. */
  readonly readIds: ReadonlyMap<string, Uint8Array>
  readonly reads: readonly { readonly user: number; readonly conversationId: Uint8Array }[]
  /** To whom messages go; looked at. */
  readonly peerIds: ReadonlyMap<string, Uint8Array>
  /** Whom other commands are about; held, in the order of their numbers. */
  readonly users: ReadonlySet<number>
  readonly userIds: ReadonlyMap<string, Uint8Array>
}

/** What inputs may name, whatever the command. */
interface Named {
  readonly user?: number
  readonly conversationId?: Uint8Array
  readonly otherId?: Uint8Array
  readonly userIds?: readonly Uint8Array[]
}

/** Reads the names out of a batch. */
export function namesOf(batch: readonly Command[]): Names {
  const sends: SendInput[] = []
  const reads: { user: number; conversationId: Uint8Array }[] = []
  const conversations = new Set<number>()
  const users = new Set<number>()
  const [conversationIds, readIds, peerIds, userIds] = [ids(), ids(), ids(), ids()]
  for (const { name, input } of batch) {
    if (name === 'sendMessage') {
      sends.push(input)
      const { conversation, conversationId, peerId, forwardOf } = input
      if (peerId !== undefined) add(peerIds, peerId)
      else if (conversation !== 0) conversations.add(conversation)
      else add(conversationIds, conversationId)
      add(conversationIds, forwardOf?.conversationId)
    } else if (name === 'readUpTo') {
      reads.push(input)
      add(readIds, input.conversationId)
    } else if (name !== 'ackCursors') {
      const { user, conversationId, otherId, userIds: others = [] } = (input ?? {}) as Named
      if (user !== undefined && user !== 0) users.add(user)
      add(conversationIds, conversationId)
      for (const each of [otherId, ...others]) add(userIds, each)
    }
  }
  return { sends, conversations, conversationIds, readIds, reads, peerIds, users, userIds }
}

function ids(): Ids {
  return new Map<string, Uint8Array>()
}

function add(known: Ids, id: Uint8Array | undefined): void {
  if (id !== undefined) known.set(idKey(id), id)
}
