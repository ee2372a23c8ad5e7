import { afterAll } from 'vitest'
import { befriended, must, registered, textTo } from './journal-cast.ts'
import type { CastUser } from './journal-cast.ts'
import type { Journal } from '../store/journal.ts'

/** A journal of one kind, and the commands of it that have failed. */
export interface JournalSubject {
  readonly journal: Journal
  readonly failed: string[]
}

/** One journal for all tests of a file: opening one takes longer than most tests. */
export function sharedSubject(open: () => Promise<JournalSubject>): () => Promise<JournalSubject> {
  let opening: Promise<JournalSubject> | undefined
  afterAll(async () => {
    const opened = await opening
    await opened?.journal.close()
  })
  return async () => {
    opening ??= open()
    const subject = await opening
    subject.failed.length = 0
    return subject
  }
}

let scenes = 0

/** New users ann and bob in a journal, contacts, with one message in their direct conversation. */
export async function contractScene(open: () => Promise<JournalSubject>) {
  const { journal, failed } = await open()
  scenes += 1
  const scene = scenes
  const another = (name: string) => registered(journal, `${name}${scene}`)
  const [ann, bob] = [await another('ann'), await another('bob')]
  await befriended(journal, ann, bob)
  const first = await must(journal, 'sendMessage', textTo(ann, { peer: bob }, 'first').input)
  const delivered = async (user: CastUser) => {
    const rows = await journal.ask('sessionView', user)
    return rows.find((row) => row.conversation === first.conversation)?.delivered
  }
  return { journal, failed, another, ann, bob, direct: first.conversation, first, delivered }
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
