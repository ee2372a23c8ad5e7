import { Client } from '@grpc/grpc-js'
import type { ClientOptions } from '@grpc/grpc-js'
import { AppError } from '@parley/errors'
import { channelCredentials, serverAddress } from './server-address.ts'
import type { ServerAddress } from './server-address.ts'

const maxFrameBytes = 256 * 1024

// No keepalive: the stream has its own heartbeat, which costs a relay of 10,000 clients less.
// A subchannel pool of its own: a new channel then connects at once, without the old one's backoff.
const channelOptions: Partial<ClientOptions> = {
  'grpc.max_receive_message_length': 16 * maxFrameBytes,
  'grpc.max_send_message_length': maxFrameBytes,
  'grpc.enable_channelz': 0,
  'grpc.enable_http_proxy': 0,
  'grpc.enable_retries': 0,
  'grpc.use_local_subchannel_pool': 1,
}

/** What is needed of a connection to one server. */
export type Channel = Pick<Client, 'makeUnaryRequest' | 'makeBidiStreamRequest' | 'close'>

/** Makes a channel to a server; it connects when it is used. */
export type Dial = (address: ServerAddress) => Channel

/** A channel to one server. */
export interface Door {
  readonly server: string
  readonly client: Channel
}

interface OpenDoor extends Door {
  holders: number
}

/** The servers a client may use, one at a time; a failed one makes room for the next. */
export class Servers {
  readonly #addresses: readonly ServerAddress[]
  readonly #dial: Dial
  #index = 0
  #open: OpenDoor | undefined
  readonly #held = new Set<OpenDoor>()

  constructor(servers: readonly string[], allowPlaintext: boolean, dial: Dial = dialGrpc) {
    this.#dial = dial
    this.#addresses = servers.map((text) => serverAddress(text, allowPlaintext))
    if (this.#addresses.length === 0) {
      throw new AppError('invalid', 'SERVER_MISSING', 'no server is given')
    }
  }

  get count(): number {
    return this.#addresses.length
  }

  /** The channel in use; opened when there is none. */
  current(): Door {
    return this.#current()
  }

  /** The channel in use, kept open until `letGo` even when it is reported as failed. */
  hold(): Door {
    const door = this.#current()
    door.holders += 1
    this.#held.add(door)
    return door
  }

  letGo(door: Door): void {
    const held = [...this.#held].find((one) => one === door)
    if (!held) return
    held.holders -= 1
    if (held.holders > 0) return
    this.#held.delete(held)
    if (held !== this.#open) held.client.close()
  }

  /** The next use goes to the next server, by a new channel. */
  failed(door: Door): void {
    const open = this.#open
    if (open !== door) return
    this.#open = undefined
    this.#index = (this.#index + 1) % this.#addresses.length
    if (open.holders === 0) open.client.close()
  }

  close(): void {
    for (const door of new Set([...this.#held, ...(this.#open ? [this.#open] : [])])) {
      door.client.close()
    }
    this.#held.clear()
    this.#open = undefined
  }

  #current(): OpenDoor {
    this.#open ??= this.#openDoor(this.#addresses[this.#index])
    return this.#open
  }

  #openDoor(address: ServerAddress | undefined): OpenDoor {
    if (!address) throw new AppError('invalid', 'SERVER_MISSING', 'no server is given')
    return { server: address.target, client: this.#dial(address), holders: 0 }
  }
}

function dialGrpc(address: ServerAddress): Channel {
  return new Client(address.target, channelCredentials(address), channelOptions)
}
