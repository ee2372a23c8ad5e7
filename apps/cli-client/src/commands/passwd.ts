import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { askPasswords, passwordOption } from '../logging-in.ts'
import { example } from '../options.ts'
import { withCalls } from '../session.ts'

/** `parley passwd`. */
export function define(command: Command, cli: Cli): void {
  passwordOption(command)
    .addHelpText(
      'after',
      example('parley passwd', "printf 'old\\nnew\\n' | parley passwd --password-stdin"),
    )
    .addHelpText(
      'after',
      '\nPARLEY_PASSWORD and PARLEY_NEW_PASSWORD answer the two questions as well.',
    )
    .action((options: { passwordStdin?: true }) => changePassword(cli, options))
}

async function changePassword(cli: Cli, options: { passwordStdin?: true }): Promise<void> {
  const { password, newPassword: fresh } = cli.config
  await withCalls(cli, async ({ calls }) => {
    const [oldPassword = '', newPassword = ''] = await askPasswords(cli, options, [
      { question: 'Old password', configured: password, twice: false },
      { question: 'New password', configured: fresh, twice: true },
    ])
    await calls.accounts.changePassword({ oldPassword, newPassword })
  })
  cli.out.result(
    { type: 'password-changed' },
    'the password is changed; every other login of yours has ended',
  )
}
