import type { OutboxRow } from '@parley/client'
import { currentLogin } from '@parley/client'
import { AppError } from '@parley/errors'
import { systemScheduler, within } from '@parley/service-kit'
import type { Command } from 'commander'
import { clockText } from '@parley/words'
import type { Cli } from '../cli.ts'
import { example } from '../options.ts'
import { outboxLine, outboxState, outboxWords } from '../outbox-line.ts'
import { saySent } from '../sending.ts'
import { withClient, withState } from '../session.ts'
import { parseId } from '../target.ts'
import { table } from '../terminal/table.ts'

const retryLimitMs = 30_000

/** `parley outbox [list | retry | cancel ID]`. */
export function define(command: Command, cli: Cli): void {
  command.addHelpText('after', example('parley outbox', 'parley outbox retry'))
  command
    .command('list')
    .description('List messages that wait, and refused ones nobody has seen (the default).')
    .addHelpText('after', example('parley outbox list --json'))
    .action(() => list(cli))
  command
    .command('retry')
    .description('Send what waits, in order.')
    .addHelpText('after', example('parley outbox retry'))
    .action(() => retry(cli))
  command
    .command('cancel')
    .description('Forget a message. One that was sent already is not taken back by this.')
    .argument('<id>', 'the message id')
    .addHelpText('after', example('parley outbox cancel 01939d0c-7a31-7000-8000-4f1c2d3e4a5b'))
    .action((id: string) => cancel(cli, parseId(id)))
}

async function list(cli: Cli): Promise<void> {
  const rows = await outboxRows(cli)
  const cells = (row: OutboxRow) => [
    row.messageId,
    clockText(row.createdAtMs),
    outboxState(row),
    outboxWords(row),
  ]
  cli.out.results(rows.map(outboxLine), () => table(rows.map(cells)), 'the outbox is empty')
}

async function retry(cli: Cli): Promise<void> {
  const waiting = (await outboxRows(cli)).filter((row) => row.refusedReason === '')
  if (waiting.length === 0) return cli.out.note('nothing waits in the outbox')
  const refused = await withClient(cli, 'transient', async ({ client }) => {
    let count = 0
    const stop = client.on((event) => {
      if (event.type === 'accepted') saySent(cli, { ...event, state: 'accepted' })
      if (event.type !== 'refused') return
      count += 1
      const { messageId, reason, message } = event
      cli.out.result({ type: 'refused', messageId, reason, message }, `${messageId} ${reason}`)
    })
    await client.online()
    await within(systemScheduler, retryLimitMs, 'sending what waits', client.drained())
    stop()
    return count
  })
  if (refused > 0) throw new AppError('forbidden', 'REFUSED', `${refused} were refused`)
}

async function cancel(cli: Cli, messageId: string): Promise<void> {
  await withState(cli, async (state) => {
    const removed = state.account(currentLogin(state).userId).cancel(messageId)
    if (!removed) throw new AppError('not-found', 'NO_SUCH_MESSAGE', 'no such message waits')
    cli.out.result({ type: 'cancelled', messageId }, `forgot ${messageId}`)
    return Promise.resolve()
  })
}

function outboxRows(cli: Cli): Promise<OutboxRow[]> {
  return withState(cli, (state) => {
    const account = state.account(currentLogin(state).userId)
    return Promise.resolve(account.outbox(systemScheduler.now()))
  })
}
