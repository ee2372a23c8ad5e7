import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { AppError } from '@parley/errors'
import { KeyedRate } from '@parley/service-kit'
import type { CloseStack, Scheduler, Timer } from '@parley/service-kit'
import { encodeAnnouncement, parseAnnouncement } from './announcement.ts'
import type { Announcement } from './announcement.ts'
import type { Network } from './networks.ts'

/** The group of the LAN mode, of the range that stays within a site (RFC 2365). */
export const lanGroup = '239.255.80.76'

// Each time a fifth more or less.
const announceEveryMs = 2_000

const heardPerAddress = { perSecond: 20, burst: 60 }
const maxAddresses = 1_000

/** What a beacon needs. */
export interface BeaconOptions {
  readonly networks: readonly Network[]
  readonly port: number
  readonly scheduler: Scheduler
  /** Hears what came from somebody in one of the networks; nothing is ever answered. */
  readonly hear: (heard: Announcement, address: string) => void
}

/** What is announced; the port is that of the listener in each network. */
export interface OwnAnnouncement {
  readonly name: string
  readonly publicKey: Uint8Array
  readonly tcpPorts: ReadonlyMap<Network, number>
}

/** Hears announcements, and makes them once told what. */
export class Beacon {
  readonly #options: BeaconOptions
  readonly #senders = new Map<Network, Socket>()
  readonly #rate = new KeyedRate<string>(heardPerAddress, maxAddresses)
  #own: OwnAnnouncement | undefined
  #timer: Timer | undefined

  /** Made by `openBeacon`. */
  constructor(options: BeaconOptions) {
    this.#options = options
  }

  /** Opens the sockets; what is open is pushed on the stack. */
  async open(closers: CloseStack): Promise<void> {
    const { networks, port } = this.#options
    const receiver = createSocket({ type: 'udp4', reuseAddr: true })
    closers.push('the ear', () => void receiver.close())
    receiver.on('message', (datagram, { address }) => this.#take(datagram, address))
    await bound(receiver, port)
    for (const { address } of networks) joinGroup(receiver, address)
    for (const network of networks) {
      const sender = createSocket({ type: 'udp4' })
      closers.push('a voice', () => void sender.close())
      await bound(sender, 0, network.address)
      sender.setMulticastTTL(1)
      sender.setMulticastInterface(network.address)
      sender.setBroadcast(true)
      this.#senders.set(network, sender)
    }
  }

  /** Announces this client at once, and again and again. */
  announce(own: OwnAnnouncement): void {
    this.#own = own
    this.#again()
  }

  /** Says that this client goes, and is silent from now on; resolves when it has been said. */
  async leave(): Promise<void> {
    this.#timer?.cancel()
    if (this.#own) await this.#shout('leaving', this.#own)
    this.#own = undefined
  }

  #again(): void {
    if (!this.#own) return
    void this.#shout('here', this.#own)
    const jitter = 0.8 + this.#options.scheduler.random() * 0.4
    this.#timer = this.#options.scheduler.setTimer(announceEveryMs * jitter, () => this.#again())
  }

  // Some switches let no multicast pass, others no broadcast: both, and who hears both hears it twice.
  async #shout(kind: Announcement['kind'], own: OwnAnnouncement): Promise<void> {
    const { name, publicKey, tcpPorts } = own
    const { port } = this.#options
    const sent = [...this.#senders].flatMap(([network, sender]) => {
      const tcpPort = tcpPorts.get(network)
      if (tcpPort === undefined) return []
      const datagram = encodeAnnouncement({ kind, name, publicKey, tcpPort })
      return [lanGroup, network.broadcast].map((to) => sentTo(sender, datagram, port, to))
    })
    await Promise.all(sent)
  }

  #take(datagram: Buffer, address: string): void {
    const { networks, scheduler, hear } = this.#options
    if (!networks.some((network) => network.has(address))) return
    if (this.#rate.take(address, scheduler.monotonic()) > 0) return
    const heard = parseAnnouncement(datagram)
    if (heard) hear(heard, address)
  }
}

/** A beacon that hears from now on. */
export async function openBeacon(options: BeaconOptions, closers: CloseStack): Promise<Beacon> {
  const beacon = new Beacon(options)
  await beacon.open(closers)
  return beacon
}

function bound(socket: Socket, port: number, address?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', (cause) => {
      const message = `UDP port ${port} cannot be opened: ${cause.message}`
      reject(new AppError('unavailable', 'LAN_PORT_TAKEN', message, { cause }))
    })
    socket.bind(port, address, () => {
      // A network that goes away must not end the program.
      socket.removeAllListeners('error').on('error', () => undefined)
      resolve()
    })
  })
}

// Where the group cannot be joined, broadcasts are still heard.
function joinGroup(receiver: Socket, address: string): void {
  try {
    receiver.addMembership(lanGroup, address)
  } catch {
    return
  }
}

function sentTo(sender: Socket, datagram: Buffer, port: number, address: string): Promise<void> {
  return new Promise((resolve) => {
    sender.send(datagram, port, address, () => resolve())
  })
}
