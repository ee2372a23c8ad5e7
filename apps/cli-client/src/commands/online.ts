import { idText } from '@parley/client'
import type { Calls } from '@parley/client'
import type { chat } from '@parley/proto'
import type { Command } from 'commander'
import { availabilityWord } from '@parley/words'
import type { Cli } from '../cli.ts'
import { example } from '../options.ts'
import { withCalls } from '../session.ts'
import { table } from '../terminal/table.ts'

const maxPages = 200

/** `parley online`. */
export function define(command: Command, cli: Cli): void {
  command.addHelpText('after', example('parley online')).action(() => listOnline(cli))
}

async function listOnline(cli: Cli): Promise<void> {
  await withCalls(cli, async ({ calls }) => {
    const { users, asOfMs } = await allOnline(calls)
    if (asOfMs === 0) {
      const words = 'who is online is not known now: presence cannot be asked'
      return cli.out.result({ type: 'presence-unknown' }, words)
    }
    const lines = users.map((user) => onlineLine(user, asOfMs))
    const rows = () => table(users.map((u) => [`@${u.name}`, availabilityOf(u)]))
    cli.out.results(lines, rows, 'nobody you know is online')
  })
}

async function allOnline(calls: Calls): Promise<{ users: chat.OnlineUser[]; asOfMs: number }> {
  const users: chat.OnlineUser[] = []
  let pageToken = ''
  let asOfMs = 0
  for (let page = 0; page < maxPages; page += 1) {
    const answer = await calls.accounts.listOnline({ pageToken })
    users.push(...answer.users)
    asOfMs = answer.asOfMs
    pageToken = answer.nextPageToken
    if (pageToken === '') break
  }
  return { users, asOfMs }
}

function onlineLine(user: chat.OnlineUser, asOfMs: number) {
  const { name } = user
  const availability = availabilityOf(user)
  return { type: 'online', userId: idText(user.userId), name, availability, asOfMs }
}

function availabilityOf(user: chat.OnlineUser): string {
  return availabilityWord(user.availability)
}
