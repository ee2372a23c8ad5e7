import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { askWhere } from '@parley/direct'
import type { Endpoint } from '@parley/direct'
import type { Scheduler, Timer } from '@parley/service-kit'

/** NATs forget a socket that says nothing for 30 s (RFC 4787 asks for two minutes; many do not). */
const askEveryMs = 20_000

/** What a front for datagrams needs. */
export interface UdpFrontOptions {
  /** An address of this machine, or nothing for all. */
  readonly host: string
  /** `host:port` of who tells where others see the socket, or empty. */
  readonly rendezvous: () => string
  readonly scheduler: Scheduler
  /** Others see the socket at another address than before. */
  readonly moved?: () => void
}

/** A socket for direct paths, and where others see it. */
export class UdpFront {
  readonly socket: Socket
  readonly port: number
  readonly #options: UdpFrontOptions
  readonly #timer: Timer
  #outside: Endpoint | undefined
  #isClosed = false

  /** Made by `openUdpFront`. */
  constructor(socket: Socket, options: UdpFrontOptions) {
    this.socket = socket
    this.port = socket.address().port
    this.#options = options
    this.#timer = options.scheduler.every(askEveryMs, () => void this.ask())
    socket.on('error', () => this.close())
  }

  /** False when it was closed, or has failed. */
  get isOpen(): boolean {
    return !this.#isClosed
  }

  /** Where others see the socket, as was told last. */
  get outside(): Endpoint | undefined {
    return this.#outside
  }

  /** Asks where others see the socket, which also keeps it known to the NAT before it. */
  async ask(): Promise<void> {
    const server = await endpointOf(this.#options.rendezvous())
    if (server === undefined || this.#isClosed) return
    const found = await askWhere(this.socket, server, this.#options.scheduler)
    const before = this.#outside
    if (found === undefined || this.#isClosed || isSame(found, before)) return
    this.#outside = found
    this.#options.moved?.()
  }

  /** Lets go of the socket, and of every path along it. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#timer.cancel()
    // What was said last leaves in the next turn.
    this.#options.scheduler.soon(() => this.socket.close())
  }
}

/** Opens a socket at a port that the system chooses. */
export async function openUdpFront(options: UdpFrontOptions): Promise<UdpFront> {
  const socket = createSocket('udp4')
  // Each path listens, and there are as many as a room has peers, for a moment more.
  socket.setMaxListeners(0)
  socket.bind(0, options.host === '' ? undefined : options.host)
  await once(socket, 'listening').catch((error: unknown) => {
    socket.close()
    throw error
  })
  return new UdpFront(socket, options)
}

function isSame(one: Endpoint, other: Endpoint | undefined): boolean {
  return one.address === other?.address && one.port === other.port
}

async function endpointOf(text: string): Promise<Endpoint | undefined> {
  const [, host = '', digits] = /^\[?([^\]]+)\]?:(\d+)$/.exec(text) ?? []
  if (host === '') return undefined
  // A name may have gone; nobody is worse off than without one.
  const found = await lookup(host, { family: 4 }).catch(() => undefined)
  return found && { address: found.address, port: Number(digits) }
}
