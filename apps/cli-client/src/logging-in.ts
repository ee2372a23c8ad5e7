import { hostname } from 'node:os'
import type { Login, ServerOptions } from '@parley/client'
import type { Command } from 'commander'
import type { Cli } from './cli.ts'
import { readPasswords } from './passwords.ts'
import type { PasswordQuestion } from './passwords.ts'
import { serverOptions, withState } from './session.ts'

const maxDeviceNameBytes = 64

/** Adds what every command that needs a password has. */
export function passwordOption(command: Command): Command {
  return command.option(
    '--password-stdin',
    'read the password from stdin instead of PARLEY_PASSWORD or the prompt',
  )
}

/** Asks the questions where the user wants to answer them. */
export function askPasswords(
  cli: Cli,
  options: { readonly passwordStdin?: true },
  questions: readonly PasswordQuestion[],
): Promise<string[]> {
  const { stdin, stderr } = cli.terminal
  const fromStdin = options.passwordStdin === true
  return readPasswords({ stdin, screen: stderr, fromStdin }, questions)
}

/** Asks for the password, then registers or logs in by `enter` and says as whom. */
export async function enterWith(
  cli: Cli,
  options: { readonly passwordStdin?: true },
  twice: boolean,
  enter: (server: ServerOptions, password: string) => Promise<Login>,
): Promise<void> {
  const question = { question: 'Password', configured: cli.config.password, twice }
  const [password = ''] = await askPasswords(cli, options, [question])
  const { login, before } = await withState(cli, async (state) => ({
    before: state.login(),
    login: await enter(serverOptions(cli, state), password),
  }))
  const { userId, userName, deviceId } = login
  const isOther = before !== undefined && before.userId !== userId
  const words = isOther ? `, no longer as ${before.userName}` : ''
  cli.out.result({ type: 'login', userId, userName, deviceId }, `logged in as ${userName}${words}`)
}

/** What this device is called unless told: the machine's name, cut to what the server takes. */
export function deviceName(given?: string): string {
  const bytes = Buffer.from(given ?? hostname()).subarray(0, maxDeviceNameBytes)
  return bytes.toString('utf8').replace(/\uFFFD+$/u, '')
}
