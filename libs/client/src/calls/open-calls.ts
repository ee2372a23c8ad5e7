import { chat } from '@parley/proto'
import { systemScheduler } from '@parley/service-kit'
import type { ServerOptions } from '../api.ts'
import { idBytes } from '../ids.ts'
import { Servers } from '../servers/servers.ts'
import type { Login } from '../state/local-state.ts'
import { Caller } from './caller.ts'
import { callsOf } from './calls.ts'
import type { Calls } from './calls.ts'
import { Tokens, currentLogin, loginOf } from './tokens.ts'

/** What a new login is made of. */
export interface LoginRequest {
  readonly name: string
  readonly password: string
  /** For the list of devices, at most 64 bytes. */
  readonly deviceName: string
  /** For registering, where the server asks for one. */
  readonly invitationCode?: string
}

/** Unary calls without a chat stream. */
export interface OpenCalls {
  readonly calls: Calls
  readonly close: () => void
}

/** Opens the unary calls as whoever is logged in; throws (unauthenticated, LOGGED_OUT) for nobody. */
export function openCalls(options: ServerOptions): OpenCalls {
  const { servers, caller } = callerOf(options)
  return { calls: callsOf(caller), close: () => servers.close() }
}

/** Makes an account and logs this device in. */
export function register(options: ServerOptions, request: LoginRequest): Promise<Login> {
  return begin(options, request, (caller, common) =>
    caller.call(chat.AccountsService.register, {
      ...common,
      invitationCode: request.invitationCode ?? '',
    }),
  )
}

/** Logs this device in, under the device id it had for that name before. */
export function login(options: ServerOptions, request: LoginRequest): Promise<Login> {
  return begin(options, request, (caller, common) =>
    caller.call(chat.AccountsService.login, common),
  )
}

/** Ends this device's login, here even when the server says that it has ended already. */
export async function logout(options: ServerOptions): Promise<void> {
  const { servers, caller } = callerOf(options)
  try {
    await caller.call(chat.AccountsService.logout, {}).catch((error: unknown) => {
      if (!isOver(error)) throw error
    })
    options.state.saveLogin(undefined)
  } finally {
    servers.close()
  }
}

/** A caller with this state's tokens, and its channels. */
export function callerOf(options: ServerOptions): {
  servers: Servers
  caller: Caller
  tokens: Tokens
} {
  const { state, scheduler = systemScheduler } = options
  currentLogin(state)
  const servers = new Servers(options.servers, options.allowPlaintext ?? false, options.dial)
  const bare = new Caller(servers, scheduler)
  const refresh = (request: Partial<chat.RefreshRequest>) =>
    bare.call(chat.AccountsService.refresh, request)
  const tokens = new Tokens({ state, scheduler, refresh })
  return { servers, tokens, caller: new Caller(servers, scheduler, tokens) }
}

type Begin = (
  caller: Caller,
  common: Pick<chat.LoginRequest, 'name' | 'password' | 'deviceName' | 'deviceId'>,
) => Promise<{ credentials: chat.Credentials | undefined }>

async function begin(options: ServerOptions, request: LoginRequest, call: Begin): Promise<Login> {
  const { state, scheduler = systemScheduler } = options
  const { name, password, deviceName } = request
  const servers = new Servers(options.servers, options.allowPlaintext ?? false, options.dial)
  const known = state.knownDevice(name)
  const deviceId = known === undefined ? Buffer.alloc(0) : idBytes(known)
  try {
    const caller = new Caller(servers, scheduler)
    const answer = await call(caller, { name, password, deviceName, deviceId })
    const begun = loginOf(answer.credentials, scheduler)
    state.saveLogin(begun)
    return begun
  } finally {
    servers.close()
  }
}

function isOver(error: unknown): boolean {
  return error instanceof Error && 'kind' in error && error.kind === 'unauthenticated'
}
