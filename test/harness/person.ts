import {
  MemoryState,
  connect,
  currentLogin,
  idBytes,
  idText,
  login,
  openCalls,
  register,
} from '@parley/client'
import { isAppError } from '@parley/errors'
import type {
  Calls,
  ChatClient,
  ConnectOptions,
  Login,
  OpenCalls,
  ServerOptions,
} from '@parley/client'

/** One device of somebody: a login with local state in memory, as the SDK keeps it. */
export class Person {
  readonly name: string
  readonly userId: string
  readonly options: ServerOptions
  readonly #calls: OpenCalls
  readonly #open: { close(): Promise<void> }[] = []

  private constructor(name: string, userId: string, options: ServerOptions) {
    this.name = name
    this.userId = userId
    this.options = options
    this.#calls = openCalls(options)
  }

  /** Makes an account and logs its first device in. */
  static async register(relay: string, name: string): Promise<Person> {
    const options: ServerOptions = { servers: [relay], state: new MemoryState() }
    const password = passwordOf(name)
    const { userId } = await register(options, { name, password, deviceName: 'first' })
    return new Person(name, userId, options)
  }

  /** The unary calls of this device. */
  get calls(): Calls {
    return this.#calls.calls
  }

  /** `host:port` of the relay. */
  get server(): string {
    return this.options.servers[0] ?? ''
  }

  /** What this device says hello with. */
  readonly login = (): Login => currentLogin(this.options.state)

  /** A further device of the same user, at the same server unless told. */
  async device(deviceName: string, server = this.server): Promise<Person> {
    const options: ServerOptions = { servers: [server], state: new MemoryState() }
    const enter = () =>
      login(options, { name: this.name, password: passwordOf(this.name), deviceName })
    // Passwords are slow on purpose: on a busy machine the answer may come too late.
    await enter().catch((error: unknown) => {
      if (isAppError(error) && error.kind === 'deadline') return enter()
      throw error
    })
    const device = new Person(this.name, this.userId, options)
    this.#open.push(device)
    return device
  }

  /** A chat session of this device, closed with it. */
  connect(options: Partial<ConnectOptions> = {}): ChatClient {
    const client = connect({ ...this.options, ...options })
    this.#open.push(client)
    return client
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.map((one) => one.close()))
    this.#calls.close()
  }
}

/** The password of everybody in a world, by name. */
export function passwordOf(name: string): string {
  return `correct horse of ${name}`
}

/** Makes two people contacts. */
export async function befriend(one: Person, other: Person): Promise<void> {
  await one.calls.contacts.request({ userId: idBytes(other.userId), text: '' })
  await other.calls.contacts.answer({ userId: idBytes(one.userId), accept: true })
}

/** A group of the first one, who must be a contact of all others; answers its conversation id. */
export async function makeGroup(owner: Person, others: readonly Person[]): Promise<string> {
  const userIds = others.map((other) => Buffer.from(idBytes(other.userId)))
  const { group } = await owner.calls.groups.create({ title: 'Group', userIds })
  return idText(group?.conversationId ?? Buffer.alloc(16))
}
