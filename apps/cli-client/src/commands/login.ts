import { login } from '@parley/client'
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { deviceName, enterWith, passwordOption } from '../logging-in.ts'
import { example } from '../options.ts'

interface LoginOptions {
  readonly passwordStdin?: true
  readonly device?: string
}

/** `parley login NAME`. */
export function define(command: Command, cli: Cli): void {
  passwordOption(command)
    .argument('<name>')
    .option('--device <name>', 'how this device is called in the list of devices')
    .addHelpText('after', example('parley login alice'))
    .action((name: string, options: LoginOptions) =>
      enterWith(cli, options, false, (server, password) =>
        login(server, { name, password, deviceName: deviceName(options.device) }),
      ),
    )
}
