import { chat } from '@parley/proto'
import type { Command } from 'commander'
import { timeText } from '@parley/words'
import type { AdminCli } from '../admin-cli.ts'
import { example, numberUpTo } from '../options.ts'
import { adminOptions, newRequestId, withOperators } from './operators.ts'
import type { AdminOptions } from './operators.ts'

const dayMs = 24 * 3_600_000
const maxDays = 365

interface CodeOptions extends AdminOptions {
  readonly uses?: number
  readonly days?: number
}

/** `parley-admin invite-code`. */
export function define(command: Command, cli: AdminCli): void {
  adminOptions(command)
    .option('--uses <n>', 'for how many registrations (1 unless told)', numberUpTo(1_000))
    .option('--days <n>', 'for how long (7 unless told)', numberUpTo(maxDays))
    .addHelpText('after', example('parley-admin invite-code --uses 5'))
    .action((options: CodeOptions) => make(cli, options))
}

async function make(cli: AdminCli, options: CodeOptions): Promise<void> {
  const { uses = 1, days = 7 } = options
  await withOperators(cli, options, async (calls) => {
    const request = { requestId: newRequestId(), uses, validMs: days * dayMs }
    const { code, expiresAtMs } = await calls.createInvitationCode(
      chat.CreateInvitationCodeRequest.create(request),
    )
    const line = { type: 'invitation-code', code, uses, expiresAtMs }
    cli.out.result(
      line,
      `${code} (${uses === 1 ? 'once' : `${uses} times`}, until ${timeText(expiresAtMs)})`,
    )
  })
}
