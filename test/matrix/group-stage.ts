import { idText } from '@parley/client'
import type { ChatClient } from '@parley/client'
import { bytesOf } from './bytes-of.ts'
import type { Cast } from './cast.ts'

/** A group in which everybody of the cast stands as they are called. */
export interface GroupStage {
  readonly id: Buffer
}

/** What was sent to a group, by number. */
export interface SentTo extends GroupStage {
  /** A file, before anybody left. */
  readonly earlySeq: number
  readonly recalledSeq: number
  /** A file, after some have left. */
  readonly lateSeq: number
}

/** A word that only members may read. */
const secretWord = 'xylophone'

/** Makes a group with all who are in it at first. */
async function beginGroup({ owner, admin, member, left, removed }: Cast, open: boolean) {
  const userIds = [admin, member, left, removed].map(bytesOf)
  const { group } = await owner.calls.groups.create({ title: `${secretWord}s`, userIds, open })
  return group?.conversationId ?? Buffer.alloc(0)
}

/** Gives everybody their part. */
async function castParts(cast: Cast, conversationId: Buffer): Promise<void> {
  const { groups } = cast.owner.calls
  const { admin, left, removed, invited } = cast
  await groups.setRole({ conversationId, userId: bytesOf(admin), role: 2 })
  await groups.invite({ conversationId, userIds: [bytesOf(invited)] })
  await left.calls.groups.leave({ conversationId })
  await groups.remove({ conversationId, userId: bytesOf(removed) })
}

/** A group that nothing was sent to yet, for a cell that changes it. */
export async function makeGroup(cast: Cast, open = false): Promise<GroupStage> {
  const id = await beginGroup(cast, open)
  await castParts(cast, id)
  return { id }
}

/** A group with a log; its owner sends files from that place. */
export async function makeGroupWithLog(
  cast: Cast,
  client: ChatClient,
  place: string,
  open = false,
): Promise<SentTo> {
  const id = await beginGroup(cast, open)
  const earlySeq = await sendFile(client, id, place)
  const recalledSeq = await sendFile(client, id, place)
  const conversationId = idText(id)
  const recall = { $case: 'recall', value: { targetSeq: recalledSeq } } as const
  const words = { $case: 'text', value: { text: secretWord } } as const
  await client.send({ conversationId }, { content: recall })
  await client.send({ conversationId }, { content: words })
  await castParts(cast, id)
  return { id, earlySeq, recalledSeq, lateSeq: await sendFile(client, id, place) }
}

/** Uploads a file and sends it; answers its number. */
export async function sendFile(
  client: ChatClient,
  conversation: Uint8Array,
  place: string,
): Promise<number> {
  const { content, receipt } = await client.uploadFile(place)
  const target = { conversationId: idText(conversation) }
  const sent = await client.send(target, content, { receipt })
  if (sent.state === 'accepted') return sent.seq
  throw new Error('not accepted')
}
