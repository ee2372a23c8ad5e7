import { AppError } from '@parley/errors'
import { chat } from '@parley/proto'
import type { PlainAccounts } from '../plain/plain-accounts.ts'
import type { PlainClient, PlainMessage, PlainSession } from '../plain/plain-client.ts'
import { plainDoor } from '../plain/plain-door.ts'
import type { FileDrop } from '../plain/plain-files.ts'
import type { Ended } from '../session/stream.ts'
import { fakeWorld } from './fake-world.ts'
import type { FakeWorld, FakeWorldOptions } from './fake-world.ts'
import type { Login } from './engine-world.ts'

/** The far end of a plain dialect, in this process: it keeps what it was shown. */
class FakePlainClient implements PlainClient {
  readonly shown: PlainMessage[] = []
  /** How it ended: with a reason, or left; undefined while it lives. */
  ending: Ended | 'left' | undefined
  isPaused = false
  #reads = true
  readonly #untaken: (() => void)[] = []

  show(message: PlainMessage, taken: () => void): number {
    this.shown.push(message)
    if (this.#reads) taken()
    else this.#untaken.push(taken)
    return Buffer.byteLength(message.text)
  }

  /** `ann#team -> #team: hi`, one for each message. */
  get lines(): string[] {
    return this.shown.map(({ sender, getter, text }) => `${sender} -> ${getter}: ${text}`)
  }

  stopReading(): void {
    this.#reads = false
  }

  /** Reads so many of those that lie there, and with `on` all that come. */
  read(count = Infinity, on = true): void {
    this.#reads = on
    for (const taken of this.#untaken.splice(0, count)) taken()
  }

  ended(why: Ended | undefined): void {
    this.ending = why ?? 'left'
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }
}

/** A fake world in which people log in by plain dialects. */
export interface PlainWorld extends FakeWorld {
  /** Names that presence reports. */
  readonly online: string[]
  /** When it reports them: at once unless a test says otherwise. */
  readonly listing: { answers: Promise<void> }
  /** How many tokens were renewed. */
  readonly renewals: { count: number; fails: boolean }
  /** Logs the plain device of a user in and begins to show. */
  plain(login: Login): Promise<{ client: FakePlainClient; session: PlainSession }>
}

/** What a plain world may be given. */
export interface PlainWorldOptions extends FakeWorldOptions {
  /** Nothing is stored unless told. */
  readonly files?: FileDrop
}

const noFiles: FileDrop = {
  store: () => Promise.reject(new AppError('unavailable', 'FILES_AWAY', 'the file server is away')),
}

/** An empty world with a plain door. */
function plainWorld(options: PlainWorldOptions = {}): PlainWorld {
  const world = fakeWorld(options)
  const online: string[] = []
  const listing = { answers: Promise.resolve() }
  const renewals = { count: 0, fails: false }
  const logins = new Map<string, Login>()
  const accounts: PlainAccounts = {
    login: ({ name }) => Promise.resolve(credentialsOf(world, logins.get(name))),
    refresh(refreshToken) {
      if (renewals.fails) return Promise.reject(new AppError('unauthenticated', 'TOKEN_REUSED', ''))
      renewals.count += 1
      return Promise.resolve(credentialsOf(world, logins.get(refreshToken)))
    },
    online: () => listing.answers.then(() => online),
    userNamed: (name) => Promise.resolve(logins.get(name)?.userId),
  }
  const door = plainDoor({ ...world, accounts, files: options.files ?? noFiles })
  return {
    ...world,
    online,
    listing,
    renewals,
    async register(name) {
      const login = await world.register(name)
      logins.set(name, login)
      return login
    },
    async plain({ name }) {
      const client = new FakePlainClient()
      const asked = { name, password: '', address: '127.0.0.1:1', dialect: 'text' } as const
      const session = await world.done(door.login(asked, client))
      session.start()
      await world.settle()
      return { client, session }
    },
  }
}

function credentialsOf({ scheduler, tokens }: FakeWorld, login: Login | undefined) {
  if (login === undefined) throw new AppError('unauthenticated', 'CREDENTIALS_INVALID', 'no')
  return chat.Credentials.create({
    accessToken: login.token,
    accessExpiresAtMs: scheduler.now() + tokens.lifeMs,
    refreshToken: login.name,
    userId: login.userId,
    deviceId: login.deviceId,
    userName: login.name,
  })
}

/** Ann, who speaks Parley's own protocol and is connected, and bob, her friend, of a plain dialect. */
export async function annAndBob(options: PlainWorldOptions = {}) {
  const world = plainWorld(options)
  const [ann, bob] = [await world.register('ann'), await world.register('bob')]
  await world.befriend(ann, bob)
  const annHere = world.connect(ann)
  await world.settle()
  const say = async (...texts: readonly string[]) => {
    for (const text of texts) annHere.send({ user: bob.userId }, text)
    await world.settle()
  }
  return { world, ann, bob, annHere, say }
}
