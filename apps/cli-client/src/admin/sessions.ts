import type { chat } from '@parley/proto'
import type { Command } from 'commander'
import { sizeText, timeText } from '@parley/words'
import type { AdminCli } from '../admin-cli.ts'
import { idText } from '../ids.ts'
import { example } from '../options.ts'
import { table } from '../terminal/table.ts'
import { adminOptions, withOperators } from './operators.ts'
import type { AdminOptions } from './operators.ts'

/** `parley-admin sessions`. */
export function define(command: Command, cli: AdminCli): void {
  adminOptions(command)
    .addHelpText('after', example('parley-admin sessions --json'))
    .action((options: AdminOptions) => list(cli, options))
}

async function list(cli: AdminCli, options: AdminOptions): Promise<void> {
  await withOperators(cli, options, async (calls) => {
    const { sessions } = await calls.listSessions({})
    const rows = () => table(sessions.map(sessionRow))
    cli.out.results(sessions.map(sessionLine), rows, 'nobody is connected')
  })
}

function sessionLine(session: chat.SessionRow) {
  const { userName, clientName, connectedAtMs, transient, queuedBytes } = session
  const ids = {
    sessionId: idText(session.sessionId),
    userId: idText(session.userId),
    deviceId: idText(session.deviceId),
  }
  return { type: 'session', ...ids, userName, clientName, connectedAtMs, transient, queuedBytes }
}

function sessionRow(session: chat.SessionRow): string[] {
  return [
    `@${session.userName}`,
    session.clientName,
    `since ${timeText(session.connectedAtMs)}`,
    session.queuedBytes > 0 ? `${sizeText(session.queuedBytes)} queued` : '',
    session.transient ? 'transient' : '',
  ]
}
