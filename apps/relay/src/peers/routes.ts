import { subjects } from '@parley/bus'
import { uuidText } from '@parley/service-kit'
import { LRUCache } from 'lru-cache'
import type { Journal } from '../store/journal.ts'

/** Conversations, and users, whose subjects are remembered; none of them ever changes. */
export const rememberedRoutes = 50_000
/** The most conversations, and users, asked for at once. */
const perQuestion = 1_000

/** Something to tell: on the subjects of a conversation, of one user, or of all relays. */
export type Concern =
  { readonly conversation: number } | { readonly user: number } | { readonly subject: string }

/** On which subjects something is told. */
export class Routes {
  readonly #journal: Pick<Journal, 'ask'>
  readonly #conversations = new LRUCache<number, readonly string[]>({ max: rememberedRoutes })
  readonly #users = new LRUCache<number, readonly string[]>({ max: rememberedRoutes })

  constructor(journal: Pick<Journal, 'ask'>) {
    this.#journal = journal
  }

  /** The subjects, none for what does not exist; undefined while they must be asked for. */
  of(concern: Concern): readonly string[] | undefined {
    if ('conversation' in concern) return this.#conversations.get(concern.conversation)
    if ('user' in concern) return this.#users.get(concern.user)
    return [concern.subject]
  }

  /** Asks the store for the subjects of the first 1,000 of these. */
  async learn(concerns: readonly Concern[]): Promise<void> {
    const conversations = new Set<number>()
    const users = new Set<number>()
    for (const concern of concerns) {
      if ('conversation' in concern) addUpTo(conversations, concern.conversation)
      else if ('user' in concern) addUpTo(users, concern.user)
    }
    const args = { conversations: [...conversations], users: [...users] }
    const found = await this.#journal.ask('routes', args)
    for (const conversation of conversations) this.#conversations.set(conversation, [])
    for (const user of users) this.#users.set(user, [])
    for (const { conversation, groupId, userIds } of found.conversations) {
      const own = groupId === null ? userIds.map(userSubject) : [groupSubject(groupId)]
      this.#conversations.set(conversation, own)
    }
    for (const { user, userId } of found.users) this.#users.set(user, [userSubject(userId)])
  }
}

/** The subject of one user. */
export function userSubject(userId: Uint8Array): string {
  return subjects.user(uuidText(userId))
}

/** The subject of one group. */
export function groupSubject(groupId: Uint8Array): string {
  return subjects.group(uuidText(groupId))
}

function addUpTo(numbers: Set<number>, number: number): void {
  if (numbers.size < perQuestion) numbers.add(number)
}
