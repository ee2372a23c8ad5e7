import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { example, numberUpTo } from '../options.ts'
import { profileLine } from '../profile-line.ts'
import { withCalls } from '../session.ts'
import { table } from '../terminal/table.ts'

/** `parley users QUERY`. */
export function define(command: Command, cli: Cli): void {
  command
    .argument('<query>', 'the beginning of a name: 2 characters, or 1 of Han')
    .option('-n, --limit <n>', 'at most so many (20 unless told)', numberUpTo(100))
    .addHelpText('after', example('parley users al'))
    .action((query: string, options: { limit?: number }) => findUsers(cli, query, options.limit))
}

async function findUsers(cli: Cli, query: string, limit = 20): Promise<void> {
  await withCalls(cli, async ({ calls }) => {
    const { users } = await calls.accounts.findUsers({ query: query.replace(/^@/u, ''), limit })
    const rows = () => table(users.map((user) => [`@${user.name}`, user.nickname, user.about]))
    cli.out.results(
      users.map((user) => profileLine('user', user)),
      rows,
      'no name begins so',
    )
  })
}
