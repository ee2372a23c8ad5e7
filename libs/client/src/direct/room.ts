import type { Socket } from 'node:net'
import { makeKeyPair, openChannel } from '@parley/direct'
import type { KeyPair } from '@parley/direct'
import { chat } from '@parley/proto'
import { KeyedRate } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import type { DirectAddress } from '../api.ts'
import { idText } from '../ids.ts'
import type { CommandCase } from '../session/stream.ts'
import { candidatesOf, udpAddresses } from './candidates.ts'
import type { ReadPiece } from './files/file-answers.ts'
import { openFront } from './front.ts'
import type { Front } from './front.ts'
import { Offering } from './offering.ts'
import { Peer } from './peer.ts'
import type { Path } from './path.ts'
import { openUdpFront } from './udp-front.ts'
import type { UdpFront } from './udp-front.ts'

/** The most devices of the other person that are talked to directly. */
export const maxPeers = 8
/** Answers to offers: each takes of the user's signals. */
export const answerLimits = { perSecond: 0.5, burst: 10 } as const
const none = Buffer.alloc(0)
const { OFFER, ANSWER, WITHDRAW } = chat.DirectStep

/** What a room needs, and whom it tells. */
export interface RoomOptions {
  readonly conversationId: Buffer
  readonly deviceId: Buffer
  /** Where to listen: an address of this machine, or nothing for all. */
  readonly host: string
  /** Where others reach a port here. */
  readonly addresses: (port: number) => readonly DirectAddress[]
  /** Whether paths may go over UDP. */
  readonly udp: boolean
  /** `host:port` that tells where others see a socket, or empty. */
  readonly rendezvous: () => string
  readonly scheduler: Scheduler
  /** Says something to the server, if it is there. */
  readonly push: (command: CommandCase) => void
  readonly text: (from: chat.DirectSignal, text: chat.DirectText, path: Path) => void
  /** What the other's devices get of the files here. */
  readonly read: ReadPiece
  readonly path: (from: chat.DirectSignal, state: 'open' | 'closed', reason: string) => void
}

/** One direct conversation in which this device is ready for paths: its key, its port, and who has come. */
export class Room {
  readonly #options: RoomOptions
  /** Of this room and this run only: nobody can tell from it who this is elsewhere. */
  readonly #me: KeyPair = makeKeyPair()
  readonly #peers = new Map<string, Peer>()
  readonly #answers = new KeyedRate<string>(answerLimits)
  readonly #offering: Offering
  #front: Front | undefined
  #udpFront: UdpFront | undefined
  #isReady = false
  #isOver = false

  constructor(options: RoomOptions) {
    this.#options = options
    const say = () => this.#say(OFFER, none)
    const isHeard = () => this.#peers.size > 0
    this.#offering = new Offering({ scheduler: options.scheduler, say, isHeard })
  }

  /** The paths that are open now. */
  get paths(): Path[] {
    return [...this.#peers.values()].flatMap(({ path }) => path ?? [])
  }

  /** How many devices of the other are known here. */
  get peers(): number {
    return this.#peers.size
  }

  /** Listens, then offers; a device that cannot listen still calls. */
  async open(): Promise<void> {
    const called = (socket: Socket) => this.#called(socket)
    this.#front = await openFront(this.#options.host, called).catch(() => undefined)
    if (this.#options.udp && !this.#isOver) await this.#openUdp()
    if (this.#isOver) return this.#closeFronts()
    this.#isReady = true
    this.offer()
  }

  /** There is a server, perhaps on another network: it forgets offers with each stream. */
  up(): void {
    this.offer()
    void this.#udpFront?.ask()
  }

  /** Tells the server that this device is ready, until a device of the other is known. */
  offer(): void {
    if (!this.#isOver) this.#offering.begin()
  }

  /** Hears what the server has handed on. */
  hear(signal: chat.DirectSignal): void {
    const { step, deviceId } = signal
    if (step === WITHDRAW) return this.#withdrawn(deviceId)
    if (this.#isOver || (step !== OFFER && step !== ANSWER)) return
    // Whoever shows our own key would have us call ourselves, and take our words for theirs.
    if (signal.publicKey.equals(this.#me.publicKey)) return
    if (step === OFFER) this.#answer(deviceId)
    const id = idText(deviceId)
    const known = this.#peers.get(id)
    if (known) known.offered(signal)
    else if (this.#peers.size < maxPeers) this.#peers.set(id, this.#peerOf(signal))
  }

  /** Sends the second copy of a message to everybody here. */
  say(text: chat.DirectText): void {
    for (const path of this.paths) path.say(text)
  }

  /** Hangs up on everybody, who may offer again. */
  hangUp(): void {
    this.#withdrawn(none)
  }

  /** Takes the offer back. */
  close(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#offering.end()
    this.#say(WITHDRAW, none)
    this.#withdrawn(none)
    this.#closeFronts()
  }

  #closeFronts(): void {
    this.#front?.close()
    this.#udpFront?.close()
  }

  /** A socket for datagrams, and who can tell has been asked where others see it. */
  async #openUdp(): Promise<void> {
    // Before the first offer there is nothing to correct.
    const moved = () => this.#isReady && this.offer()
    this.#udpFront = await openUdpFront({ ...this.#options, moved }).catch(() => undefined)
    if (!this.#isOver) await this.#udpFront?.ask()
  }

  // Whoever offers without end must not use up what this device may say to the server.
  #answer(deviceId: Buffer): void {
    const nowMs = this.#options.scheduler.monotonic()
    if (this.#answers.take('', nowMs) === 0) this.#say(ANSWER, deviceId)
  }

  #say(step: chat.DirectStep, deviceId: Buffer): void {
    const { conversationId, push } = this.#options
    const isReady = step !== WITHDRAW
    const publicKey = isReady ? Buffer.from(this.#me.publicKey) : none
    const candidates = isReady ? this.#candidates() : []
    push({
      $case: 'direct',
      value: { conversationId, deviceId, step, publicKey, candidates },
    })
  }

  get #openUdpFront(): UdpFront | undefined {
    return this.#udpFront?.isOpen === true ? this.#udpFront : undefined
  }

  #candidates(): chat.DirectCandidate[] {
    const { addresses } = this.#options
    const [front, udp] = [this.#front, this.#openUdpFront]
    const tcp = front ? addresses(front.port) : []
    if (udp === undefined) return candidatesOf(tcp)
    const hosts = (front ? tcp : addresses(udp.port)).map(({ host }) => host)
    return candidatesOf(tcp, udpAddresses(hosts, udp.port, udp.outside))
  }

  #withdrawn(deviceId: Buffer): void {
    const id = idText(deviceId)
    for (const [key, peer] of this.#peers) {
      if (id !== '' && key !== id) continue
      this.#peers.delete(key)
      peer.close()
    }
  }

  #peerOf(signal: chat.DirectSignal): Peer {
    const { deviceId, scheduler, text, read, path } = this.#options
    const peer: Peer = new Peer(signal, {
      me: this.#me,
      purpose: this.#purpose(),
      scheduler,
      isLower: Buffer.compare(deviceId, signal.deviceId) < 0,
      front: () => this.#openUdpFront,
      text: (said) => peer.path && text(peer.signal, said, peer.path),
      read,
      opened: () => path(peer.signal, 'open', ''),
      ended: (why) => path(peer.signal, 'closed', why),
    })
    return peer
  }

  // Whoever calls proves the key of a device that the server has vouched for, or is hung up on.
  async #called(socket: Socket): Promise<void> {
    const { scheduler, deviceId } = this.#options
    const expect = (key: Uint8Array) => this.#peerWith(key) !== undefined
    const terms = { me: this.#me, purpose: this.#purpose(), expect, scheduler }
    const channel = await openChannel(socket, { ...terms, role: 'responder' })
    const peer = this.#peerWith(channel.remoteKey)
    if (!peer) return channel.close()
    peer.take(channel, Buffer.compare(peer.signal.deviceId, deviceId) < 0)
  }

  #peerWith(key: Uint8Array): Peer | undefined {
    return [...this.#peers.values()].find(({ signal }) => signal.publicKey.equals(key))
  }

  #purpose(): string {
    return `chat ${idText(this.#options.conversationId)}`
  }
}
