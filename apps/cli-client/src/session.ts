import { setImmediate } from 'node:timers/promises'
import { connect, currentLogin, openCalls, openHome } from '@parley/client'
import type {
  Calls,
  ChatClient,
  ConnectionState,
  LocalState,
  Login,
  ServerOptions,
} from '@parley/client'
import { AppError } from '@parley/errors'
import type { Cli } from './cli.ts'
import { untilAborted } from './interruption.ts'
import { buildOf } from './upgrades/build.ts'

/** What a command may ask of the server, and as whom. */
export interface Asking {
  readonly cli: Cli
  readonly calls: Calls
  readonly login: Login
  readonly state: LocalState
}

/** As `Asking`, with a chat session. */
export interface Chatting extends Asking {
  readonly client: ChatClient
}

/** Opens this device's state for one command and closes it after. */
export function withState<T>(cli: Cli, work: (state: LocalState) => Promise<T>): Promise<T> {
  return opened(cli, (state) => untilAborted(cli.signal, work(state)))
}

/** Runs a command that only asks; throws (unauthenticated, LOGGED_OUT) when nobody is logged in. */
export function withCalls<T>(cli: Cli, work: (asking: Asking) => Promise<T>): Promise<T> {
  return opened(cli, async (state) => {
    const login = currentLogin(state)
    const open = openCalls(serverOptions(cli, state))
    try {
      return await untilAborted(cli.signal, work({ cli, calls: open.calls, login, state }))
    } finally {
      open.close()
    }
  })
}

/** Runs a command with a chat session; `lasting` ones are this device's one session, the others stand beside it. */
export function withClient<T>(
  cli: Cli,
  kind: 'lasting' | 'transient',
  work: (chatting: Chatting) => Promise<T>,
): Promise<T> {
  return opened(cli, async (state) => {
    const login = currentLogin(state)
    const transient = kind === 'transient'
    const about = { transient, clientName: 'parley-cli', build: buildOf(cli.config) }
    const { directHost } = cli.config
    const client = connect({ ...serverOptions(cli, state), ...about, directHost })
    sayTooOld(cli, client, transient)
    try {
      const chatting = { cli, calls: client.calls, login, state, client }
      return await untilAborted(cli.signal, work(chatting))
    } finally {
      // @NOTE a client begins to connect one turn after it was made, and cannot be closed before.
      await setImmediate()
      await client.close()
    }
  })
}

// A lasting session shows what can be had among its events.
function sayTooOld(cli: Cli, client: ChatClient, transient: boolean): void {
  client.on((event) => {
    const isRequired = transient && event.type === 'upgrade' && event.required
    const isRefused = event.type === 'connection' && isTooOld(event.connection)
    if (!isRequired && !isRefused) return
    cli.out.note('this version is too old for the server: parley upgrade --download')
  })
}

function isTooOld(connection: ConnectionState): boolean {
  return connection.state === 'stopped' && connection.reason === 'CLIENT_TOO_OLD'
}

/** Why a session is over for good, when it was not this side that closed it. */
export function sentAway(connection: ConnectionState): AppError | undefined {
  if (connection.state !== 'stopped' || connection.reason === 'CLOSED') return undefined
  return new AppError('forbidden', connection.reason, connection.message)
}

/** Where and with what state the SDK works. */
export function serverOptions(cli: Cli, state: LocalState): ServerOptions {
  const { servers, allowPlaintext } = cli.config
  return { servers, state, allowPlaintext }
}

async function opened<T>(cli: Cli, work: (state: LocalState) => Promise<T>): Promise<T> {
  const state = await openHome(cli.config.home)
  try {
    return await work(state)
  } finally {
    state.close()
  }
}
