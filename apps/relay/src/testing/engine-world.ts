import { Buffer } from 'node:buffer'
import { AppError } from '@parley/errors'
import { CloseStack, Metrics } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { recordingLogger } from '@parley/testkit'
import type { LogLine } from '@parley/testkit'
import type { AnswerOf, InputOf, ScriptName } from '../commands/index.ts'
import { nameKey } from '../domain/names.ts'
import { relayEvents } from '../events.ts'
import type { PeersParts } from '../peers/peers.ts'
import type { PresenceLink } from '../presence/presence-link.ts'
import type { Identity } from '../security/identity.ts'
import type { ReceiptCheck } from '../session/engine.ts'
import { startEngine } from '../session/start-engine.ts'
import type { RunningEngine } from '../session/start-engine.ts'
import type { Session } from '../session/session.ts'
import type { UpgradeBoard } from '../upgrades/upgrade-board.ts'
import type { CommandOf, Journal, OutcomeOf } from '../store/journal.ts'

/** One device of a user, logged in; `token` opens its streams. */
export interface Login {
  readonly name: string
  readonly user: number
  readonly userId: Buffer
  readonly device: number
  readonly deviceId: Buffer
  readonly loginId: Buffer
  readonly token: string
}

/** A running engine with people in it, whatever its clock and journal are. */
export interface EngineWorld extends RunningEngine {
  readonly closers: CloseStack
  /** What the engine has logged. */
  readonly lines: readonly LogLine[]
  /** What presence was told: `name came`, `name went clean`, `name went dirty`. */
  readonly presence: readonly string[]
  /** How long tokens live that are shown from now on. */
  tokens: { lifeMs: number; checks: number }
  run<Name extends ScriptName>(name: Name, input: InputOf<Name>): Promise<AnswerOf<Name>>
  /** What the command came to, refusals included. */
  outcome<Name extends ScriptName>(command: CommandOf<Name>): Promise<OutcomeOf<Name>>
  register(name: string): Promise<Login>
  /** One more device of the same user. */
  another(login: Login): Promise<Login>
  befriend(one: Login, other: Login): Promise<void>
  /** A group of the first and the others, who must be contacts of the first; its public id. */
  group(owner: Login, ...members: readonly Login[]): Promise<Buffer>
}

/** What a world is made of. */
export interface EngineWorldParts {
  readonly scheduler: Scheduler
  readonly journal: Journal
  readonly sendsPerSecond?: number
  readonly sendBurst?: number
  readonly heartbeatMs?: number
  readonly peers?: PeersParts
  readonly upgrades?: UpgradeBoard
  /** None is believed unless told. */
  readonly receipts?: ReceiptCheck
}

const noReceipts: ReceiptCheck = {
  verify: () => Promise.reject(new AppError('unauthenticated', 'TOKEN_INVALID', 'none')),
}

const greeting = {
  filesUrl: 'http://files',
  imagesUrl: 'http://images',
  heartbeatMs: 60_000,
  rendezvous: '',
}

/** Starts an engine on this journal; sessions, hub and store are the real ones. */
export function engineWorld(parts: EngineWorldParts): EngineWorld {
  const { scheduler, journal } = parts
  const { log, lines } = recordingLogger('relay')
  const closers = new CloseStack()
  const presence: string[] = []
  const tokens = { lifeMs: 15 * 60_000, checks: 0 }
  const authenticate = (token: string) => identityOf(journal, scheduler, tokens, token)
  const running = startEngine(
    {
      scheduler,
      journal,
      events: relayEvents(log, new Metrics()),
      greeting: { ...greeting, heartbeatMs: parts.heartbeatMs ?? greeting.heartbeatMs },
      sendsPerSecond: parts.sendsPerSecond ?? 1_000_000,
      sendBurst: parts.sendBurst ?? 1_000_000,
      tokens: { authenticate, authenticateNow: authenticate, ended },
      receipts: parts.receipts ?? noReceipts,
      presence: presenceLink(presence),
      peers: parts.peers,
      ...(parts.upgrades ? { upgrades: parts.upgrades } : {}),
    },
    closers,
  )
  const run = runner(running)
  const logIn = (name: string, answer: AnswerOf<'registerAccount'>) =>
    loginOf(journal, name, answer.loginId)
  return {
    ...running,
    closers,
    lines,
    presence,
    tokens,
    run,
    outcome: (command) => running.engine.commits.run(command),
    async register(name) {
      const account = { name, nameKey: nameKey(name), skeleton: name, password: `hash of ${name}` }
      const input = { ...account, ...newLogin(scheduler), codeHash: undefined }
      return logIn(name, await run('registerAccount', input))
    },
    async another({ name, user }) {
      const input = { user, verified: `hash of ${name}`, rehashed: undefined }
      return logIn(name, await run('createLogin', { ...input, ...newLogin(scheduler) }))
    },
    async befriend(one, other) {
      await run('requestContact', { user: one.user, otherId: other.userId, text: '' })
      await run('answerContact', { user: other.user, otherId: one.userId, accept: true })
    },
    async group(owner, ...members) {
      const userIds = members.map((member) => member.userId)
      const input = { user: owner.user, title: 'a group', open: true, userIds }
      return Buffer.from((await run('createGroup', input)).conversationId)
    },
  }
}

const ended = () => undefined

function runner({ engine }: RunningEngine): EngineWorld['run'] {
  return async <Name extends ScriptName>(name: Name, input: InputOf<Name>) => {
    const outcome = await engine.commits.run<Name>({ name, input })
    if (!outcome.ok) throw new Error(`${name}: ${outcome.reason}`)
    return outcome.answer
  }
}

function newLogin(scheduler: Scheduler) {
  return {
    loginId: scheduler.randomBytes(16),
    refreshHash: scheduler.randomBytes(32),
    deviceId: undefined,
    deviceName: 'laptop',
  }
}

async function loginOf(journal: Journal, name: string, id: Uint8Array): Promise<Login> {
  const state = await journal.ask('loginState', { loginId: id })
  if (state === undefined) throw new Error('the login is not stored')
  const { user, device } = state
  const [userId, deviceId, loginId] = [state.userId, state.deviceId, id].map((each) =>
    Buffer.from(each),
  ) as [Buffer, Buffer, Buffer]
  return { name, user, userId, device, deviceId, loginId, token: loginId.toString('hex') }
}

/** Tokens here are the bare ids of logins. */
async function identityOf(
  journal: Journal,
  scheduler: Scheduler,
  tokens: EngineWorld['tokens'],
  token: string,
): Promise<Identity> {
  tokens.checks += 1
  const loginId = Buffer.from(token, 'hex')
  if (loginId.length !== 16) throw new AppError('unauthenticated', 'TOKEN_INVALID', 'no token')
  const state = await journal.ask('loginState', { loginId })
  if (state === undefined || state.ended || state.disabled) {
    throw new AppError('unauthenticated', 'LOGIN_ENDED', 'the login is over')
  }
  const { user, userId, userName, device, deviceId } = state
  const expiresAtMs = scheduler.now() + tokens.lifeMs
  return { user, userId, userName, device, deviceId, login: loginId, expiresAtMs }
}

function presenceLink(told: string[]): PresenceLink {
  const name = (session: Session) => session.identity.userName
  return {
    came: (session) => void told.push(`${name(session)} came`),
    went: (session, clean) => void told.push(`${name(session)} went ${clean ? 'clean' : 'dirty'}`),
    setAvailability: () => undefined,
    watch: () => Promise.resolve(),
    visibilityChanged: () => undefined,
    followed: () => undefined,
    watched: () => [],
    statesOf: () => Promise.resolve({ asOfMs: 0, users: [] }),
  }
}
