import { idBytes, idText } from '@parley/client'
import type { Calls, Login, Target } from '@parley/client'
import { AppError, isAppError } from '@parley/errors'
import { chat } from '@parley/proto'
import { KnownNames } from './known-names.ts'
import type { Asking } from './session.ts'
import { isId, matchGroup, parseTarget } from './target.ts'
import type { TitledGroup } from './target.ts'

const pageSize = 200
// What a listing stops at: more conversations than anybody has, and an end for a server that never ends.
const maxPages = 50

/** Somebody, as found by name. */
export interface FoundUser {
  /** UUID text. */
  readonly userId: string
  readonly name: string
}

/** The user behind NAME (`bob`, `@bob` or a user id), as the server knows them now. */
export async function findUser(calls: Calls, words: string): Promise<FoundUser> {
  const user = isId(words)
    ? ({ $case: 'userId', value: idBytes(words) } as const)
    : ({ $case: 'name', value: words.replace(/^@/u, '') } as const)
  const { profile } = await calls.accounts.getProfile({ user })
  if (!profile) throw new AppError('not-found', 'NO_SUCH_USER', `there is no user ${words}`)
  return { userId: idText(profile.userId), name: profile.name }
}

/** Those behind several names, in their order. */
export async function findUsers(calls: Calls, names: readonly string[]): Promise<FoundUser[]> {
  const found: FoundUser[] = []
  for (const name of names) found.push(await findUser(calls, name))
  return found
}

/** Where a message to TARGET goes; people named before are known without the server. */
export async function sendTarget(asking: Asking, text: string): Promise<Target> {
  const target = parseTarget(text)
  if (target.kind === 'conversation') return { conversationId: target.conversationId }
  if (target.kind === 'group') return { conversationId: await groupId(asking, target.title) }
  if (target.kind === 'notices') return { conversationId: await conversationId(asking, text) }
  const names = new KnownNames(asking.cli.config.home, asking.login.userId)
  const known = await names.find(target.name)
  if (known !== undefined) return { userId: known }
  const { userId, name } = await findUser(asking.calls, target.name)
  await names.keep(name, userId)
  return { userId }
}

/** The conversation that TARGET means; throws (not-found, NO_CONVERSATION) when nothing was ever said to that person. */
export async function conversationId(asking: Asking, text: string): Promise<string> {
  const target = parseTarget(text)
  if (target.kind === 'conversation') return target.conversationId
  if (target.kind === 'group') return groupToRead(asking, target.title)
  const isMeant = target.kind === 'notices' ? isNotices : await isWith(asking, target.name)
  for await (const { conversationId: id, info } of conversations(asking.calls)) {
    if (info && isMeant(info)) return idText(id)
  }
  throw new AppError('not-found', 'NO_CONVERSATION', `nothing was said with ${text} yet`)
}

// A group that was left is no group of one's own any more, but what was said there stays to be read.
async function groupToRead(asking: Asking, title: string): Promise<string> {
  try {
    return await groupId(asking, title)
  } catch (error) {
    if (!isAppError(error) || error.reason !== 'NO_SUCH_GROUP') throw error
    const left: TitledGroup[] = []
    for await (const { conversationId: id, info, dissolved } of conversations(asking.calls)) {
      if (info?.title) left.push({ conversationId: idText(id), title: info.title, dissolved })
    }
    return matchGroup(left, title).conversationId
  }
}

function isNotices(info: chat.ConversationInfo): boolean {
  return info.kind === chat.ConversationKind.NOTICES
}

async function isWith({ calls }: Asking, name: string) {
  const { userId } = await findUser(calls, name)
  return (info: chat.ConversationInfo) => idText(info.peerId) === userId
}

/** The group that G means: an id, `#title`, a title or its beginning. */
export async function findGroup(calls: Calls, words: string): Promise<chat.Group> {
  if (isId(words)) return getGroup(calls, words)
  const { groups } = await calls.groups.list()
  const titled = groups.map((group) => ({
    conversationId: idText(group.conversationId),
    title: group.title,
    dissolved: group.dissolved,
    group,
  }))
  return matchGroup(titled, words.replace(/^#/u, '')).group
}

/** A group with its members. */
export async function getGroup(calls: Calls, id: string): Promise<chat.Group> {
  const { group } = await calls.groups.get({ conversationId: idBytes(id) })
  if (!group) throw new AppError('not-found', 'NO_SUCH_GROUP', `there is no group ${id}`)
  return group
}

/** All conversations, newest first, page by page. */
export async function* conversations(calls: Calls): AsyncGenerator<chat.ConversationSummary> {
  let pageToken = ''
  for (let page = 0; page < maxPages; page += 1) {
    const answer = await calls.history.listConversations({ limit: pageSize, pageToken })
    yield* answer.conversations
    pageToken = answer.nextPageToken
    if (pageToken === '') return
  }
}

/** All contacts in any state, in the order of their ids. */
export async function contacts(calls: Calls): Promise<chat.Contact[]> {
  const found: chat.Contact[] = []
  for (let page = 0; page < maxPages; page += 1) {
    const afterUserId = found.at(-1)?.userId ?? Buffer.alloc(0)
    const answer = await calls.contacts.list({ afterUserId })
    found.push(...answer.contacts)
    if (!answer.more || answer.contacts.length === 0) break
  }
  return found
}

/** One entry of a conversation; throws (not-found, NO_SUCH_ENTRY) when it cannot be seen. */
export async function findEntry(
  calls: Calls,
  id: string,
  seq: number,
): Promise<chat.NumberedEntry> {
  const question = { conversationId: idBytes(id), beforeSeq: seq + 1, limit: 1 }
  const { entries } = await calls.history.listMessages(question)
  const found = entries.find((entry) => entry.seq === seq)
  if (found) return found
  throw new AppError('not-found', 'NO_SUCH_ENTRY', `there is no entry ${seq} to be seen`)
}

async function groupId(asking: Asking, title: string): Promise<string> {
  try {
    return idText((await findGroup(asking.calls, title)).conversationId)
  } catch (error) {
    const known = isAway(error) ? storedGroup(asking.login, asking, title) : undefined
    if (known === undefined) throw error
    return known
  }
}

// While the server is away, the titles that this device saw last must do.
function storedGroup(login: Login, { state }: Asking, title: string): string | undefined {
  const stored = state.account(login.userId).conversations()
  const titled = stored
    .filter((one) => one.title !== '')
    .map((one) => ({ ...one, dissolved: false }))
  try {
    return matchGroup(titled, title).conversationId
  } catch {
    return undefined
  }
}

function isAway(error: unknown): boolean {
  return isAppError(error) && (error.kind === 'unavailable' || error.kind === 'deadline')
}
