import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { openChannel } from '@parley/direct'
import type { Channel, KeyPair } from '@parley/direct'
import { AppError } from '@parley/errors'
import { openAll } from '@parley/service-kit'
import type { CloseStack, Scheduler } from '@parley/service-kit'
import { openBeacon } from './beacon.ts'
import type { Beacon } from './beacon.ts'
import { callSomewhere } from './call-somewhere.ts'
import { admission, dial, listening } from './doors.ts'
import { parseName } from './lan-name.ts'
import type { Network } from './networks.ts'
import { idOf, Peers } from './peers.ts'
import type { Endpoint, Peer, PeerChange } from './peers.ts'
import { RecentIds } from './recent-ids.ts'
import type { NamedKey } from './standing.ts'
import { Talk } from './talk.ts'
import type { SaidMessage } from './talk.ts'

/** What LAN mode needs. */
export interface LanOptions {
  readonly me: KeyPair
  readonly name: string
  readonly networks: readonly Network[]
  /** Of the announcements, UDP. */
  readonly port: number
  readonly scheduler: Scheduler
  /** Hears of who comes and goes. */
  readonly peer: (change: PeerChange) => void
  /** Somebody's key was proven; resolves when that is remembered. */
  readonly met: (who: NamedKey) => Promise<void>
  /** Shows a message; the sender is told when this resolves. */
  readonly show: (message: SaidMessage, who: NamedKey) => Promise<void>
}

const purpose = 'lan 1'
const lapseEveryMs = 1_000
const keepAliveMs = 10_000

/** This client among the others of its networks, without any server. */
export class Lan {
  readonly #options: LanOptions
  readonly #peers: Peers
  readonly #shown = new RecentIds()
  readonly #talks = new Set<Talk>()
  readonly #opening = new Map<string, Promise<Talk>>()
  // From their first byte to their last.
  readonly #answering = new Set<Socket>()
  readonly #closers: CloseStack
  #isClosed = false
  #beacon: Beacon | undefined

  /** Made by `openLan`. */
  constructor(options: LanOptions, closers: CloseStack) {
    this.#options = options
    this.#closers = closers
    this.#peers = new Peers(options.me.publicKey)
  }

  /** Who is here, as they announce themselves. */
  get peers(): Peer[] {
    return this.#peers.list()
  }

  /** Begins to hear who is here. */
  async hear(): Promise<void> {
    const { networks, port, scheduler, peer } = this.#options
    const lapsing = scheduler.every(lapseEveryMs, () => {
      for (const gone of this.#peers.lapse(scheduler.monotonic()))
        peer({ kind: 'left', peer: gone })
    })
    this.#closers.push('lapsing', () => lapsing.cancel())
    this.#closers.push('the talks', () => this.#endTalks())
    const hear: Parameters<typeof openBeacon>[0]['hear'] = (heard, address) => {
      const change = this.#peers.hear(heard, address, scheduler.monotonic())
      if (change) peer(change)
    }
    this.#beacon = await openBeacon({ networks, port, scheduler, hear }, this.#closers)
  }

  /** Lets others connect, and tells them where. */
  async appear(): Promise<void> {
    const tcpPorts = new Map<Network, number>()
    const admits = admission(this.#options.scheduler)
    for (const network of this.#options.networks) {
      const server = createServer({ noDelay: true }, (socket) => {
        if (network.has(socket.remoteAddress ?? '') && admits(socket)) void this.#answer(socket)
        else socket.destroy()
      })
      tcpPorts.set(network, await listening(server, network.address))
      this.#closers.push('the listener', () => void server.close())
    }
    const { name, me } = this.#options
    const beacon = this.#beacon
    beacon?.announce({ name, publicKey: me.publicKey, tcpPorts })
    this.#closers.push('announcing', () => beacon?.leave())
  }

  /** A talk with somebody, over the channel that is open or a new one; throws `AppError` (unavailable, PEER_UNREACHABLE) and what `openChannel` throws. */
  async talkTo(peer: Peer): Promise<Talk> {
    const id = idOf(peer.publicKey)
    for (const talk of this.#talks) if (talk.isOpen && idOf(talk.who.publicKey) === id) return talk
    // What is said while it is being opened goes the same way, or it would arrive out of order.
    const opening = this.#opening.get(id) ?? this.#open(peer)
    this.#opening.set(id, opening)
    try {
      return await opening
    } finally {
      this.#opening.delete(id)
    }
  }

  /** Says goodbye to everybody. */
  close(): Promise<void> {
    return this.#closers.close()
  }

  async #open(peer: Peer): Promise<Talk> {
    try {
      const { scheduler } = this.#options
      const places = this.#placesOf(peer)
      const call = (place: Endpoint) => this.#call(place, peer)
      return await this.#begin(await callSomewhere({ places, call, scheduler }))
    } catch (error) {
      throw error instanceof AppError ? error : unreachable(peer, error)
    }
  }

  // First as the caller knows them, then as they are.
  #placesOf({ endpoints, publicKey }: Peer): () => readonly Endpoint[] | undefined {
    let known: readonly Endpoint[] = endpoints
    return () => {
      const here = this.#isClosed ? undefined : this.#peers.placesOf(publicKey)
      const places = known.length > 0 ? known : here
      known = []
      return places
    }
  }

  async #call(endpoint: Endpoint, { publicKey }: Peer): Promise<Channel> {
    let isProven = false
    try {
      const socket = await dial(endpoint, this.#options.scheduler)
      const channel = await this.#channel(socket, 'initiator', publicKey)
      isProven = true
      return channel
    } finally {
      this.#peers.tried(publicKey, endpoint, isProven)
    }
  }

  // What fails before anybody is known interests nobody: the socket is gone.
  async #answer(socket: Socket): Promise<void> {
    this.#answering.add(socket)
    socket.once('close', () => this.#answering.delete(socket))
    try {
      await this.#begin(await this.#channel(socket, 'responder'))
    } catch {
      socket.destroy()
    }
  }

  #channel(socket: Socket, role: 'initiator' | 'responder', expect?: Uint8Array): Promise<Channel> {
    const { me, name, scheduler } = this.#options
    socket.setKeepAlive(true, keepAliveMs)
    const hello = Buffer.from(name)
    const whom = expect === undefined ? {} : { expect }
    return openChannel(socket, { me, role, purpose, hello, scheduler, ...whom })
  }

  async #begin(channel: Channel): Promise<Talk> {
    try {
      return this.#talkWith(channel, await this.#meet(channel))
    } catch (error) {
      void channel.close()
      throw error
    }
  }

  async #meet({ remoteHello, remoteKey }: Channel): Promise<NamedKey> {
    const name = parseName(remoteHello)
    if (name === undefined)
      throw new AppError('invalid', 'NAME_MALFORMED', 'the other side has no name')
    const who = { name, publicKey: remoteKey }
    await this.#options.met(who)
    if (this.#isClosed)
      throw new AppError('unavailable', 'LEFT', 'this client has left the network')
    return who
  }

  #talkWith(channel: Channel, who: NamedKey): Talk {
    const { scheduler, show } = this.#options
    const talk = new Talk({ channel, who, scheduler, show, shown: this.#shown })
    this.#talks.add(talk)
    void channel.ended.then(() => this.#talks.delete(talk))
    return talk
  }

  async #endTalks(): Promise<void> {
    this.#isClosed = true
    const unknown = [...this.#answering]
    await Promise.all([...this.#talks].map((talk) => talk.close()))
    for (const socket of unknown) socket.destroy()
  }
}

/** Opens LAN mode: `hear` and `appear` say how much of it. */
export function openLan(options: LanOptions, ways: { readonly appear: boolean }): Promise<Lan> {
  return openAll(async (closers) => {
    const lan = new Lan(options, closers)
    await lan.hear()
    if (ways.appear) await lan.appear()
    return lan
  })
}

function unreachable({ name }: Peer, cause: unknown): AppError {
  return new AppError('unavailable', 'PEER_UNREACHABLE', `${name} cannot be reached`, { cause })
}
