import { bytesEqual, bytesKey } from '../../domain/bytes.ts'
import { maxTextBytes } from '../../domain/check-content.ts'
import type { chat } from '@parley/proto'
import type { Identity } from '../../security/identity.ts'
import type { Stream } from '../stream.ts'
import { maxCursors, maxRequestBytes, maxSessionsOfUser } from '../connection-limits.ts'
import { framed } from '../frames.ts'
import { maxInFlight } from '../inbox.ts'
import { loadPlaces } from '../load-places.ts'
import type { Cursors } from '../load-places.ts'
import { Session } from '../session.ts'

/** The protocol that this server speaks. */
const protocol = 1

/** A hello that cannot open a session. */
export class HelloRefused extends Error {
  readonly reason: string

  constructor(reason: string, message: string) {
    super(message)
    this.reason = reason
  }
}

/** Opens a session: who is it, what does the device have, what has it missed. */
export async function hello(stream: Stream, part: chat.Hello): Promise<void> {
  if (stream.session !== undefined) {
    throw new HelloRefused('HELLO_TWICE', 'a stream has one hello')
  }
  stream.cursors.push(...part.cursors)
  if (stream.cursors.length > maxCursors) {
    throw new HelloRefused('TOO_MANY_CURSORS', `a hello has at most ${maxCursors} cursors`)
  }
  const value = (stream.hello ??= part)
  if (part.more) return
  if (value.protocolMin > protocol || value.protocolMax < protocol) {
    throw new HelloRefused('PROTOCOL_UNSUPPORTED', `this server speaks protocol ${protocol}`)
  }
  const identity = await authenticated(stream, value)
  const upgrade = value.build && (await upgradeFor(stream, value.build))
  if (stream.isOver) return
  if (stream.engine.hub.sessionsOf(identity.user).size >= maxSessionsOfUser) {
    throw new HelloRefused('TOO_MANY_SESSIONS', 'this user has too many streams; end some first')
  }
  await open(stream, value, identity, upgrade)
}

async function upgradeFor({ engine }: Stream, build: chat.ClientBuild) {
  const upgrade = await engine.upgrades?.upgradeFor(build)
  if (upgrade?.required !== true || engine.upgrades?.refusesOld !== true) return upgrade
  const message = `this client is too old for this server, which asks for ${upgrade.version}`
  throw new HelloRefused('CLIENT_TOO_OLD', message)
}

async function authenticated(stream: Stream, value: chat.Hello): Promise<Identity> {
  const identity = await stream.engine.tokens.authenticate(value.accessToken)
  if (bytesEqual(identity.deviceId, value.deviceId)) return identity
  throw new HelloRefused('DEVICE_MISMATCH', 'the token is of another device')
}

async function open(
  stream: Stream,
  value: chat.Hello,
  identity: Identity,
  upgrade: chat.Upgrade | undefined,
) {
  const { engine } = stream
  const clientName = Buffer.from(value.clientName).subarray(0, 64).toString()
  const about = { clientName, transient: value.transient }
  const session = new Session(identity, about, stream.outlet, engine.sessions)
  stream.session = session
  const { peers } = engine
  // First registered, then read: nothing written in between can be missed, and no end of the login.
  engine.hub.add(session)
  if (peers !== undefined && !value.transient) await peers.takeTurn(session)
  if (peers === undefined) await engine.tokens.authenticate(value.accessToken)
  else await engine.tokens.authenticateNow(value.accessToken)
  engine.events.sessionOpened(identity.userId, clientName)
  session.tell(welcome(stream, session, upgrade))
  if (value.transient) {
    session.begin()
    return
  }
  peers?.welcomed(session)
  await peers?.ready()
  await loadPlaces(engine, session, cursorMap(stream.cursors))
}

function welcome({ engine }: Stream, session: Session, upgrade: chat.Upgrade | undefined) {
  const { userId, userName } = session.identity
  const { filesUrl, imagesUrl, heartbeatMs, rendezvous } = engine.greeting
  return framed({
    $case: 'welcome',
    value: {
      sessionId: session.id,
      userId,
      userName,
      serverTimeMs: engine.scheduler.now(),
      heartbeatMs,
      limits: { maxTextBytes, maxFrameBytes: maxRequestBytes, maxInFlight },
      filesUrl,
      imagesUrl,
      protocol,
      tokenExpiresAtMs: session.expiresAtMs,
      upgrade,
      rendezvous,
    },
  })
}

function cursorMap(cursors: readonly chat.Cursor[]): Cursors {
  return new Map(
    cursors.map(({ conversationId, epoch, seq }) => [bytesKey(conversationId), { epoch, seq }]),
  )
}
