import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import { createServer } from 'node:tls'
import type { Server, TLSSocket } from 'node:tls'
import type { Scheduler, Timer } from '@parley/service-kit'
import type { Recognition } from '../dialect.ts'
import { startsWith } from '../first-bytes.ts'
import { contextOptions, readMaterial } from './material.ts'
import type { TlsFiles, TlsMaterial } from './material.ts'
import { Renewal } from './renewal.ts'
import type { RenewalEvents } from './renewal.ts'

/** How long both sides may take to agree on keys. */
const handshakeMs = 10_000

/** How every connection begins that speaks TLS: a record of a handshake, of version 3 (RFC 8446, 5.1). */
const opening = Buffer.from([0x16, 0x03])

/**
 * What clients may name as spoken inside, the first that they name. Browsers name both and mean HTTP
 * calls, which are HTTP/1.1 here; clients of gRPC name nothing but h2.
 */
const protocols = ['http/1.1', 'h2']

/** Hears what a TLS entrance does. */
export interface TlsEvents extends RenewalEvents {
  tlsFailed(): void
}

/** What a TLS entrance is made of. */
export interface TlsParts {
  readonly files: TlsFiles
  readonly events: TlsEvents
}

interface Handshake {
  readonly socket: Socket
  readonly late: Timer
  readonly decrypted: (socket: Socket) => void
}

/** Takes connections that begin with TLS, and gives out what is inside. */
export class TlsEntrance {
  readonly name = 'TLS'
  readonly #server: Server
  readonly #scheduler: Scheduler
  readonly #renewal: Renewal
  /** Those under way, by the two ends of their connection: Node's server says no more of whom it has done with. */
  readonly #handshakes = new Map<string, Handshake>()

  /** Reads the files; throws `AppError` (precondition, TLS_UNUSABLE). */
  static async open(parts: TlsParts, scheduler: Scheduler): Promise<TlsEntrance> {
    return new TlsEntrance(parts, await readMaterial(parts.files), scheduler)
  }

  private constructor({ files, events }: TlsParts, material: TlsMaterial, scheduler: Scheduler) {
    this.#scheduler = scheduler
    this.#server = createServer({
      ...contextOptions(material),
      ALPNProtocols: protocols,
      requestCert: files.clientCa !== undefined,
      rejectUnauthorized: true,
      handshakeTimeout: handshakeMs,
    })
    this.#server.on('secureConnection', (socket) => this.#agreed(socket))
    this.#server.on('tlsClientError', () => events.tlsFailed())
    const take = this.#server.setSecureContext.bind(this.#server)
    this.#renewal = new Renewal({ files, used: material, scheduler, take, events })
  }

  recognises(head: Buffer): Recognition {
    return startsWith(head, opening)
  }

  /** Agrees on keys with a connection, whose first bytes are still to be read, and gives out what is inside. */
  enter(socket: Socket, decrypted: (socket: Socket) => void): void {
    if (socket.destroyed) return
    const ends = endsOf(socket)
    // Node's own limit begins anew with each byte.
    const late = this.#scheduler.setTimer(handshakeMs, () => socket.destroy())
    this.#handshakes.set(ends, { socket, late, decrypted })
    socket.once('close', () => {
      late.cancel()
      if (this.#handshakes.get(ends)?.socket === socket) this.#handshakes.delete(ends)
    })
    this.#server.emit('connection', socket)
  }

  /** Agrees with nobody any more. */
  drain(): void {
    for (const { socket } of this.#handshakes.values()) socket.destroy()
  }

  /** Looks at its files no more. */
  close(): void {
    this.#renewal.close()
  }

  #agreed(socket: TLSSocket): void {
    const ends = endsOf(socket)
    const handshake = this.#handshakes.get(ends)
    if (handshake === undefined) return void socket.destroy()
    this.#handshakes.delete(ends)
    handshake.late.cancel()
    // A reset is an end like any other.
    socket.on('error', () => socket.destroy())
    handshake.decrypted(socket)
  }
}

function endsOf(socket: Socket): string {
  const { remoteAddress, remotePort, localAddress, localPort } = socket
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`
}
