import { chat } from '@parley/proto'
import type { Command } from 'commander'
import { timeText } from '@parley/words'
import type { AdminCli } from '../admin-cli.ts'
import { idText } from '../ids.ts'
import { example } from '../options.ts'
import { table } from '../terminal/table.ts'
import { adminOptions, withOperators } from './operators.ts'
import type { AdminOptions } from './operators.ts'

const maxPages = 10_000

/** `parley-admin users [QUERY]`. */
export function define(command: Command, cli: AdminCli): void {
  adminOptions(command)
    .argument('[query]', 'only names that begin so')
    .addHelpText('after', example('parley-admin users al'))
    .action((query: string | undefined, options: AdminOptions) => list(cli, query ?? '', options))
}

async function list(cli: AdminCli, query: string, options: AdminOptions): Promise<void> {
  await withOperators(cli, options, async (calls) => {
    const users: chat.UserRow[] = []
    let pageToken = ''
    for (let page = 0; page < maxPages; page += 1) {
      const answer = await calls.listUsers(chat.ListUsersRequest.create({ query, pageToken }))
      users.push(...answer.users)
      pageToken = answer.nextPageToken
      if (pageToken === '') break
    }
    cli.out.results(users.map(userLine), () => table(users.map(userRow)), 'no users')
  })
}

function userLine({ userId, name, createdAtMs, disabled }: chat.UserRow) {
  return { type: 'account', userId: idText(userId), name, createdAtMs, disabled }
}

function userRow({ userId, name, createdAtMs, disabled }: chat.UserRow): string[] {
  return [idText(userId) ?? '', `@${name}`, timeText(createdAtMs), disabled ? 'disabled' : '']
}
