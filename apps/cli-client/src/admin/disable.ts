import { chat } from '@parley/proto'
import type { Command } from 'commander'
import type { AdminCli } from '../admin-cli.ts'
import { example } from '../options.ts'
import { adminOptions, newRequestId, withOperators } from './operators.ts'
import type { AdminOptions } from './operators.ts'

interface DisableOptions extends AdminOptions {
  readonly undo?: true
}

/** `parley-admin disable NAME [--undo]`. */
export function define(command: Command, cli: AdminCli): void {
  adminOptions(command)
    .argument('<name>')
    .option('--undo', 'enable the account again')
    .addHelpText('after', example('parley-admin disable mallory'))
    .action((name: string, options: DisableOptions) => disable(cli, plain(name), options))
}

async function disable(cli: AdminCli, name: string, options: DisableOptions): Promise<void> {
  const disabled = options.undo !== true
  await withOperators(cli, options, async (calls) => {
    const request = { requestId: newRequestId(), name, disabled }
    await calls.setDisabled(chat.SetDisabledRequest.create(request))
    const line = { type: 'account-changed', name, disabled }
    cli.out.result(line, `@${name} is ${disabled ? 'disabled' : 'enabled'}`)
  })
}

function plain(name: string): string {
  return name.replace(/^@/u, '')
}
