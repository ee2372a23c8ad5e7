import { currentLogin, logout } from '@parley/client'
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { example } from '../options.ts'
import { serverOptions, withState } from '../session.ts'

/** `parley logout`. */
export function define(command: Command, cli: Cli): void {
  command.addHelpText('after', example('parley logout')).action(() => leave(cli))
}

async function leave(cli: Cli): Promise<void> {
  await withState(cli, async (state) => {
    const { userId, userName } = currentLogin(state)
    await logout(serverOptions(cli, state))
    cli.out.result({ type: 'logout', userId, userName }, `logged out ${userName}`)
  })
}
