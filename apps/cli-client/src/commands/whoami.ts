import { currentLogin } from '@parley/client'
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { example } from '../options.ts'
import { withState } from '../session.ts'

/** `parley whoami`: what this device knows, without asking the server. */
export function define(command: Command, cli: Cli): void {
  command.addHelpText('after', example('parley whoami --json')).action(() => whoAmI(cli))
}

async function whoAmI(cli: Cli): Promise<void> {
  const { userId, userName, deviceId } = await withState(cli, (state) =>
    Promise.resolve(currentLogin(state)),
  )
  const { servers, home } = cli.config
  const text = `${userName}\nuser ${userId}\ndevice ${deviceId}\nserver ${servers.join(', ')}`
  cli.out.result({ type: 'whoami', userId, userName, deviceId, servers, home }, text)
}
