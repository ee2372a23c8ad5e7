import { MemoryHub } from '@parley/bus'
import { recordingLogger } from '@parley/testkit'
import type { InputOf, ScriptName } from '../commands/index.ts'
import type { Login } from '../testing/engine-world.ts'
import type { CommandOf, OutcomeOf } from '../store/journal.ts'
import { cast } from './cast.ts'
import type { Cast } from './cast.ts'
import type { StoreTimes } from './journal-twin.ts'
import type { Link, LinkEnd, NetworkState } from './link.ts'
import { LibraryClient } from './library-client.ts'
import { NaiveClient } from './naive-client.ts'
import type { ClientGround } from './naive-client.ts'
import { Recorder } from './recorder.ts'
import { RelayTwin } from './relay-twin.ts'
import type { RelayGround } from './relay-twin.ts'
import { SimClock } from './sim-clock.ts'
import { StoreTwin } from './store-twin.ts'

/** How long somebody waits for an answer to a call before asking again. */
const callWithinMs = 3_000

/** A simulated world: relays, their store, and clients on a network. */
export class Arena {
  readonly clock: SimClock
  readonly recorder: Recorder
  readonly cast: Cast
  readonly network: NetworkState = { minMs: 1, maxMs: 8, digest: 0 }
  readonly times: StoreTimes
  readonly store: StoreTwin
  /** Of a world with several relays. */
  readonly bus: RelayGround['bus']
  readonly relays: readonly RelayTwin[]
  readonly clients: readonly NaiveClient[]
  library: LibraryClient | undefined
  /** What clients have asked for, and what has gone wrong. */
  readonly count = { operations: 0, faults: 0 }

  constructor(seed: number, relays: number) {
    this.clock = new SimClock(seed)
    this.recorder = new Recorder(this.clock)
    this.cast = cast()
    this.times = { factor: 1, isServer: relays > 1, isAway: false, lostAnswers: 0 }
    this.store = new StoreTwin(this.cast.image, this.clock, (command, error) =>
      this.recorder.complain(`${command} failed: ${String(error)}`),
    )
    this.bus = relays > 1 ? newBus() : undefined
    const ground = {
      clock: this.clock,
      bus: this.bus,
      network: this.network,
      store: this.store,
      times: this.times,
      note: (what: string, on: boolean) => this.fault(what, on),
      complain: (line: string) => this.recorder.complain(line),
    }
    this.relays = Array.from({ length: relays }, (_, i) => new RelayTwin(i, ground))
    this.clients = this.#makeClients()
  }

  /** Lasting clients, one per device. */
  get lasting(): readonly NaiveClient[] {
    return this.clients.filter(({ isTransient }) => !isTransient)
  }

  start(): void {
    for (const relay of this.relays) relay.start()
    for (const client of this.lasting) client.connect()
    this.library = new LibraryClient('dan by the library', this.cast.library, this.#clientGround())
    this.clock.every(1_000, () => {
      for (const client of this.clients) client.beat()
    })
  }

  /** Notes something that goes wrong, or is over. */
  fault(what: string, on: boolean): void {
    this.recorder.say({ op: 'info', f: 'fault', what, on })
  }

  /** A call to some relay that runs, repeated under the same id until its outcome is known. */
  call<Name extends ScriptName>(
    user: number,
    name: Name,
    input: InputOf<Name>,
    done: (outcome: OutcomeOf<Name>) => void,
  ): void {
    const [id, digest] = [this.clock.randomBytes(16), new Uint8Array(32)]
    const command = { name, input, request: { user, id, digest } } as CommandOf<Name>
    let isDone = false
    const attempt = () => {
      if (isDone) return
      this.clock.setTimer(callWithinMs, attempt)
      this.#askSomebody(command, (outcome) => {
        if (isDone) return
        isDone = true
        done(outcome)
      })
    }
    attempt()
  }

  close(): void {
    for (const relay of this.relays) relay.process?.kill()
    this.store.close()
  }

  #askSomebody<Name extends ScriptName>(
    command: CommandOf<Name>,
    done: (outcome: OutcomeOf<Name>) => void,
  ): void {
    const { world } = this.clock.pick(this.relays)
    this.clock.setTimer(this.clock.between(1, 8), () => {
      if (world === undefined) return
      const known = (outcome: OutcomeOf<Name>) =>
        void this.clock.setTimer(this.clock.between(1, 8), () => done(outcome))
      world.engine.commits.run<Name>(command).then(known, () => undefined)
    })
  }

  #clientGround(): ClientGround {
    return {
      clock: this.clock,
      recorder: this.recorder,
      connect: (end: LinkEnd) => this.#connect(end),
      counted: () => void (this.count.operations += 1),
      loggedOut: (client: NaiveClient) => this.#logIn(client),
    }
  }

  #makeClients(): NaiveClient[] {
    const ground = this.#clientGround()
    const lasting = this.cast.logins.map(
      (login, i) => new NaiveClient(`${login.name}${i}`, login, false, ground),
    )
    const transient = [0, 2].map((at) => {
      const login = this.cast.logins[at]
      if (login === undefined) throw new Error('the cast is too small')
      return new NaiveClient(`${login.name} in passing`, login, true, ground)
    })
    return [...lasting, ...transient]
  }

  #connect(end: LinkEnd): Link | undefined {
    this.count.operations += 1
    return this.clock.pick(this.relays).connect(end)
  }

  /** The login has ended: a lasting client comes back as a new device, a passing one with its token. */
  #logIn(client: NaiveClient): void {
    if (client.isTransient) {
      const other = this.lasting.find((each) => each.user === client.user)
      this.clock.setTimer(1_000, () => client.becomes(other?.login ?? client.login))
      return
    }
    const { user, name } = client.login
    const input = {
      user,
      verified: `hash of ${name}`,
      rehashed: undefined,
      loginId: this.clock.randomBytes(16),
      refreshHash: this.clock.randomBytes(32),
      deviceId: undefined,
      deviceName: 'laptop',
    }
    this.call(user, 'createLogin', input, (outcome) => {
      if (outcome.ok) client.becomes(loginOf(client.login, outcome.answer))
      else this.recorder.complain(`${client.name} cannot log in: ${outcome.reason}`)
    })
  }
}

function loginOf(
  before: Login,
  answer: { readonly deviceId: Uint8Array; readonly loginId: Uint8Array },
): Login {
  const loginId = Buffer.from(answer.loginId)
  const deviceId = Buffer.from(answer.deviceId)
  return { ...before, deviceId, loginId, token: loginId.toString('hex') }
}

function newBus(): NonNullable<RelayGround['bus']> {
  const faults = { loss: 0, repetition: 0, delayMs: 0 }
  return { hub: new MemoryHub(), faults, log: recordingLogger('bus').log }
}
