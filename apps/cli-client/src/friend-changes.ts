import { idBytes } from '@parley/client'
import type { Calls } from '@parley/client'
import { chat } from '@parley/proto'
import { contactStateWord } from '@parley/words'
import type { Cli } from './cli.ts'
import { KnownNames } from './known-names.ts'
import { findUser } from './look-up.ts'
import type { FoundUser } from './look-up.ts'
import { withCalls } from './session.ts'

/** Asks somebody to be a friend; who had asked already is one at once. */
export function askFriend(cli: Cli, name: string, text: string): Promise<void> {
  return change(cli, name, async (calls, userId, user) => {
    const { state } = await calls.contacts.request({ userId, text })
    const both = state === chat.ContactState.CONTACT
    said(cli, user, contactStateWord(state), both ? 'is your friend now' : 'was asked')
  })
}

/** Answers somebody's request. */
export function answerFriend(cli: Cli, name: string, accept: boolean): Promise<void> {
  return change(cli, name, async (calls, userId, user) => {
    const { state } = await calls.contacts.answer({ userId, accept })
    said(cli, user, contactStateWord(state), accept ? 'is your friend now' : 'was refused')
  })
}

/** Ends a friendship. */
export function removeFriend(cli: Cli, name: string): Promise<void> {
  return change(cli, name, async (calls, userId, user) => {
    await calls.contacts.remove({ userId })
    said(cli, user, 'none', 'is no longer your friend')
  })
}

/** Has the server refuse whatever they send. */
export function block(cli: Cli, name: string): Promise<void> {
  return change(cli, name, async (calls, userId, user) => {
    await calls.contacts.block({ userId })
    said(cli, user, 'blocked', 'is blocked')
  })
}

/** Ends a block. */
export function unblock(cli: Cli, name: string): Promise<void> {
  return change(cli, name, async (calls, userId, user) => {
    await calls.contacts.unblock({ userId })
    said(cli, user, 'unblocked', 'is no longer blocked')
  })
}

/** Sets one's own name for a friend, and their team when given; an empty one is removed. */
export function setRemark(cli: Cli, name: string, remark: string, team?: string): Promise<void> {
  return change(cli, name, async (calls, userId, user) => {
    const keepRemark = remark === '' && team !== undefined
    await calls.contacts.setRemark({ userId, remark: keepRemark ? undefined : remark, team })
    said(cli, user, 'remarked', 'has your remark')
  })
}

function change(
  cli: Cli,
  name: string,
  work: (calls: Calls, userId: Buffer, user: FoundUser) => Promise<void>,
): Promise<void> {
  return withCalls(cli, async ({ calls, login }) => {
    const user = await findUser(calls, name)
    await work(calls, idBytes(user.userId), user)
    // A first message to them can then wait while the server is away.
    await new KnownNames(cli.config.home, login.userId).keep(user.name, user.userId)
  })
}

function said(cli: Cli, user: FoundUser, state: string, words: string): void {
  const { userId, name } = user
  cli.out.result({ type: 'contact-changed', userId, name, state }, `@${name} ${words}`)
}
