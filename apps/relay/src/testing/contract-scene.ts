import { onTestFinished } from 'vitest'
import { befriended, must, registered, textTo } from './journal-cast.ts'
import type { CastUser } from './journal-cast.ts'
import type { Journal } from '../store/journal.ts'

/** A journal of one kind, and the commands of it that have failed. */
export interface JournalSubject {
  readonly journal: Journal
  readonly failed: readonly string[]
}

/** Ann and bob in a new journal, contacts, with one message in their direct conversation. */
export async function contractScene(open: () => Promise<JournalSubject>) {
  const { journal, failed } = await open()
  onTestFinished(() => journal.close())
  const ann = await registered(journal, 'ann')
  const bob = await registered(journal, 'bob')
  await befriended(journal, ann, bob)
  const first = await must(journal, 'sendMessage', textTo(ann, { peer: bob }, 'first').input)
  const delivered = async (user: CastUser) => {
    const rows = await journal.ask('sessionView', user)
    return rows.find((row) => row.conversation === first.conversation)?.delivered
  }
  return { journal, failed, ann, bob, direct: first.conversation, first, delivered }
}

/** A file as content. */
export function fileOf(fileId: string) {
  const facts = { size: 1, digest: Buffer.alloc(32), mediaType: 'text/plain' }
  return { $case: 'file' as const, value: { fileId, name: 'a.txt', ...facts } }
}

/** What makes a group. */
export function groupOf(owner: CastUser, ...members: readonly CastUser[]) {
  const userIds = members.map(({ userId }) => userId)
  return { user: owner.user, title: 'a group', open: false, userIds }
}
