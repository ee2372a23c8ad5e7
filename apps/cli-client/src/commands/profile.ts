import { idBytes } from '@parley/client'
import { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { UsageError } from '../exit-code.ts'
import { findUser } from '../look-up.ts'
import { example } from '../options.ts'
import { pictureReceipt } from '../picture-receipt.ts'
import { profileLine, profileText } from '../profile-line.ts'
import { withCalls, withClient } from '../session.ts'
import type { Asking } from '../session.ts'

interface ProfileOptions {
  readonly nickname?: string
  readonly about?: string
  readonly picture?: string
}

/** `parley profile [NAME] [--nickname ..] [--about ..] [--picture ..]`. */
export function define(command: Command, cli: Cli): void {
  command
    .argument('[name]', 'whose; your own unless told')
    .option('--nickname <text>', 'change your nickname, at most 64 bytes')
    .option('--about <text>', 'change what your profile says, at most 280 bytes')
    .option('--picture <path>', 'an image for all to see; none takes it away')
    .addHelpText('after', example('parley profile bob', 'parley profile --nickname "Alice L."'))
    .action((name: string | undefined, options: ProfileOptions) => profile(cli, name, options))
}

async function profile(cli: Cli, name: string | undefined, options: ProfileOptions): Promise<void> {
  const { nickname, about, picture } = options
  const changes = [nickname, about, picture].some((given) => given !== undefined)
  if (changes && name !== undefined) throw new UsageError('only your own profile can be changed')
  const answer = changes
    ? await change(cli, options)
    : await withCalls(cli, (asking) => show(asking, name))
  if (!answer) throw new AppError('not-found', 'NO_SUCH_USER', 'there is no such user')
  cli.out.result(profileLine('profile', answer), profileText(answer))
}

function change(cli: Cli, { picture, ...words }: ProfileOptions) {
  if (picture === undefined) return withCalls(cli, (asking) => update(asking, words))
  return withClient(cli, 'transient', async (chatting) => {
    const receipt = await pictureReceipt(chatting, picture)
    const answer = await chatting.calls.accounts.setPicture({ receipt })
    const hasWords = words.nickname !== undefined || words.about !== undefined
    return hasWords ? update(chatting, words) : answer.profile
  })
}

async function update({ calls }: Asking, { nickname, about }: ProfileOptions) {
  return (await calls.accounts.updateProfile({ nickname, about })).profile
}

async function show({ calls, login }: Asking, name?: string): Promise<chat.Profile | undefined> {
  const userId = name === undefined ? login.userId : (await findUser(calls, name)).userId
  const user = { $case: 'userId', value: idBytes(userId) } as const
  return (await calls.accounts.getProfile({ user })).profile
}
