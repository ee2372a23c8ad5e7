import { idBytes, idText } from '@parley/client'
import type { Calls } from '@parley/client'
import { AppError } from '@parley/errors'
import { chat } from '@parley/proto'
import type { Cli } from './cli.ts'
import { UsageError } from './exit-code.ts'
import { groupLine } from './group-lists.ts'
import { findGroup, findUser, findUsers } from './look-up.ts'
import type { FoundUser } from './look-up.ts'
import { pictureReceipt } from './picture-receipt.ts'
import { withCalls, withClient } from './session.ts'
import { isId } from './target.ts'

/** Makes a group and invites its first members. */
export function createGroup(
  cli: Cli,
  title: string,
  names: readonly string[],
  open: boolean,
): Promise<void> {
  return withCalls(cli, async ({ calls }) => {
    const users = await findUsers(calls, names)
    const userIds = users.map((user) => idBytes(user.userId))
    const { group } = await calls.groups.create({ title, userIds, open })
    if (!group) throw new AppError('internal', 'NO_GROUP', 'the server gave no group')
    const { title: named } = group
    cli.out.result(groupLine(group), `${idText(group.conversationId)} #${named}`)
  })
}

/** Invites people and prints what became of each. */
export function inviteTo(cli: Cli, words: string, names: readonly string[]): Promise<void> {
  return change(cli, words, async (calls, conversationId) => {
    const users = await findUsers(calls, names)
    const userIds = users.map((user) => idBytes(user.userId))
    const answer = await calls.groups.invite({ conversationId, userIds })
    for (const user of users) cli.out.result(...inviteResult(user, conversationId, answer))
  })
}

/** Removes a member. */
export function removeFrom(cli: Cli, words: string, name: string): Promise<void> {
  return change(cli, words, async (calls, conversationId) => {
    const user = await findUser(calls, name)
    await calls.groups.remove({ conversationId, userId: idBytes(user.userId) })
    changed(cli, conversationId, 'removed', `removed @${user.name}`)
  })
}

const roles: Readonly<Record<string, chat.Role>> = {
  owner: chat.Role.OWNER,
  admin: chat.Role.ADMIN,
  member: chat.Role.MEMBER,
}

/** Changes a member's role; throws `UsageError` for a word that is none. */
export function setRole(cli: Cli, words: string, name: string, roleName: string): Promise<void> {
  const role = Object.hasOwn(roles, roleName) ? roles[roleName] : undefined
  if (role === undefined) throw new UsageError(`"${roleName}" is no role: owner, admin or member`)
  return change(cli, words, async (calls, conversationId) => {
    const user = await findUser(calls, name)
    await calls.groups.setRole({ conversationId, userId: idBytes(user.userId), role })
    changed(cli, conversationId, 'role', `@${user.name} is ${roleName} now`)
  })
}

/** Accepts or refuses an invitation; an open group is joined by its id without one. */
export function answerInvitation(cli: Cli, words: string, accept: boolean): Promise<void> {
  return withCalls(cli, async ({ calls }) => {
    // Who is no member yet may not see the group, but may know its id.
    const conversationId = isId(words)
      ? idBytes(words)
      : (await findGroup(calls, words)).conversationId
    if (accept) await calls.groups.join({ conversationId })
    else await calls.groups.answer({ conversationId, accept: false })
    const [kind, text] = accept ? ['joined', 'joined'] : ['refused', 'refused the invitation']
    changed(cli, conversationId, kind, text)
  })
}

/** Leaves a group. */
export function leaveGroup(cli: Cli, words: string): Promise<void> {
  return change(cli, words, async (calls, conversationId) => {
    await calls.groups.leave({ conversationId })
    changed(cli, conversationId, 'left', 'left the group')
  })
}

/** Gives a group another title. */
export function renameGroup(cli: Cli, words: string, title: string): Promise<void> {
  return change(cli, words, async (calls, conversationId) => {
    await calls.groups.rename({ conversationId, title })
    changed(cli, conversationId, 'renamed', `the group is called "${title}" now`)
  })
}

/** Gives a group another picture, or none. */
export function setGroupPicture(cli: Cli, words: string, path: string): Promise<void> {
  return withClient(cli, 'transient', async (chatting) => {
    const { conversationId } = await findGroup(chatting.calls, words)
    const receipt = await pictureReceipt(chatting, path)
    await chatting.calls.groups.setPicture({ conversationId, receipt })
    const text = receipt === '' ? 'the group has no picture any more' : 'the group has this picture'
    changed(cli, conversationId, 'picture', text)
  })
}

/** Ends a group. */
export function dissolveGroup(cli: Cli, words: string): Promise<void> {
  return change(cli, words, async (calls, conversationId) => {
    await calls.groups.dissolve({ conversationId })
    changed(cli, conversationId, 'dissolved', 'dissolved the group')
  })
}

function change(
  cli: Cli,
  words: string,
  work: (calls: Calls, conversationId: Buffer) => Promise<void>,
): Promise<void> {
  return withCalls(cli, async ({ calls }) => {
    const { conversationId } = await findGroup(calls, words)
    await work(calls, conversationId)
  })
}

function changed(cli: Cli, id: Buffer, kind: string, words: string): void {
  cli.out.result({ type: 'group-changed', conversationId: idText(id), change: kind }, words)
}

function inviteResult(user: FoundUser, group: Buffer, answer: chat.GroupsInviteResponse) {
  const { userId, name } = user
  const among = (ids: readonly Buffer[]) => ids.some((id) => idText(id) === userId)
  const asked = among(answer.invited) ? 'invited' : 'refused'
  const outcome = among(answer.joined) ? 'joined' : asked
  const line = { type: 'invite', conversationId: idText(group), userId, name, outcome }
  return [line, `@${name} ${outcome === 'joined' ? 'is a member now' : `was ${outcome}`}`] as const
}
