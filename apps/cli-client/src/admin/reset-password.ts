import { randomInt } from 'node:crypto'
import { chat } from '@parley/proto'
import type { Command } from 'commander'
import type { AdminCli } from '../admin-cli.ts'
import { example } from '../options.ts'
import { readPasswords } from '../passwords.ts'
import { adminOptions, newRequestId, withOperators } from './operators.ts'
import type { AdminOptions } from './operators.ts'

const generatedChars = 20
// No letters that are taken for each other when read aloud.
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789'

interface ResetOptions extends AdminOptions {
  readonly passwordStdin?: true
  readonly generate?: true
}

/** `parley-admin reset-password NAME`. */
export function define(command: Command, cli: AdminCli): void {
  adminOptions(command)
    .argument('<name>')
    .option('--password-stdin', 'read the new password from stdin')
    .option('--generate', 'make one and print it')
    .addHelpText('after', example('parley-admin reset-password alice --generate'))
    .addHelpText('after', '\nEnds every login of the user. PARLEY_NEW_PASSWORD is taken as well.')
    .action((name: string, options: ResetOptions) => reset(cli, name.replace(/^@/u, ''), options))
}

async function reset(cli: AdminCli, name: string, options: ResetOptions): Promise<void> {
  const generate = options.generate === true
  const newPassword = generate ? generated() : await asked(cli, options)
  await withOperators(cli, options, async (calls) => {
    const request = { requestId: newRequestId(), name, newPassword }
    await calls.resetPassword(chat.ResetPasswordRequest.create(request))
  })
  const line = { type: 'password-reset', name, password: generate ? newPassword : null }
  const words = `@${name} has a new password and no logins`
  cli.out.result(line, generate ? `${words}: ${newPassword}` : words)
}

async function asked(cli: AdminCli, options: ResetOptions): Promise<string> {
  const { stdin, stderr } = cli.terminal
  const source = { stdin, screen: stderr, fromStdin: options.passwordStdin === true }
  const question = { question: 'New password', configured: cli.config.newPassword, twice: true }
  const [password = ''] = await readPasswords(source, [question])
  return password
}

function generated(): string {
  const letters = Array.from({ length: generatedChars }, () => alphabet[randomInt(alphabet.length)])
  return letters.join('')
}
