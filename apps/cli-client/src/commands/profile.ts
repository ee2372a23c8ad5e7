import { idBytes } from '@parley/client'
import { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { UsageError } from '../exit-code.ts'
import { findUser } from '../look-up.ts'
import { example } from '../options.ts'
import { profileLine } from '../profile-line.ts'
import { withCalls } from '../session.ts'
import type { Asking } from '../session.ts'

interface ProfileOptions {
  readonly nickname?: string
  readonly about?: string
}

/** `parley profile [NAME] [--nickname ..] [--about ..]`. */
export function define(command: Command, cli: Cli): void {
  command
    .argument('[name]', 'whose; your own unless told')
    .option('--nickname <text>', 'change your nickname, at most 64 bytes')
    .option('--about <text>', 'change what your profile says, at most 280 bytes')
    .addHelpText('after', example('parley profile bob', 'parley profile --nickname "Alice L."'))
    .action((name: string | undefined, options: ProfileOptions) => profile(cli, name, options))
}

async function profile(cli: Cli, name: string | undefined, options: ProfileOptions): Promise<void> {
  const changes = options.nickname !== undefined || options.about !== undefined
  if (changes && name !== undefined) throw new UsageError('only your own profile can be changed')
  await withCalls(cli, async (asking) => {
    const answer = changes ? await update(asking, options) : await show(asking, name)
    if (!answer) throw new AppError('not-found', 'NO_SUCH_USER', 'there is no such user')
    const words = [`@${answer.name}`, answer.nickname, answer.about].filter((part) => part !== '')
    cli.out.result(profileLine('profile', answer), words.join('\n'))
  })
}

async function update({ calls }: Asking, options: ProfileOptions) {
  const { nickname, about } = options
  return (await calls.accounts.updateProfile({ nickname, about })).profile
}

async function show({ calls, login }: Asking, name?: string): Promise<chat.Profile | undefined> {
  const userId = name === undefined ? login.userId : (await findUser(calls, name)).userId
  const user = { $case: 'userId', value: idBytes(userId) } as const
  return (await calls.accounts.getProfile({ user })).profile
}
