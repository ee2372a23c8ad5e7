import { register } from '@parley/client'
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { example } from '../options.ts'
import { deviceName, enterWith, passwordOption } from '../logging-in.ts'

interface RegisterOptions {
  readonly passwordStdin?: true
  readonly code?: string
  readonly device?: string
}

/** `parley register NAME`. */
export function define(command: Command, cli: Cli): void {
  passwordOption(command)
    .argument('<name>', '1 to 32 characters')
    .option('--code <code>', 'the invitation code, where the server asks for one')
    .option('--device <name>', 'how this device is called in the list of devices')
    .addHelpText('after', example('parley register alice'))
    .action((name: string, options: RegisterOptions) =>
      enterWith(cli, options, true, (server, password) =>
        register(server, {
          name,
          password,
          deviceName: deviceName(options.device),
          ...(options.code === undefined ? {} : { invitationCode: options.code }),
        }),
      ),
    )
}
