import { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import type { Scheduler, Timer } from '@parley/service-kit'
import { isUuidv7 } from '@parley/service-kit'
import type { DirectAddress } from '../api.ts'
import type { ClientEvent, ConversationView } from '../client-events.ts'
import { idBytes, idText } from '../ids.ts'
import type { ChatStream, CommandCase } from '../session/stream.ts'
import { Arrivals } from './arrivals.ts'
import { ownAddresses } from './candidates.ts'
import { piecesFromAny } from './files/pieces.ts'
import type { FileElsewhere } from './files/pieces.ts'
import { SharedFiles } from './files/shared-files.ts'
import type { Path } from './path.ts'
import { RelayPings } from './relay-pings.ts'
import { Room } from './room.ts'

/** The most conversations in which a client is ready for paths at once. */
export const maxRooms = 8
/** Conversations of which is known what came directly; the oldest is forgotten. */
const maxBooks = 64
const maxTextBytes = 16_384
const lookEveryMs = 1_000

/** What talking directly needs, and whom it tells. */
export interface DirectOptions {
  readonly userId: string
  readonly deviceId: string
  readonly scheduler: Scheduler
  readonly host: string
  readonly addresses: ((port: number) => readonly DirectAddress[]) | undefined
  /** Whether paths may go over UDP. */
  readonly udp: boolean
  /** `host:port` that tells where others see a socket; empty when the server knows none. */
  readonly rendezvous: () => string
  readonly stream: () => ChatStream | undefined
  readonly viewOf: (conversationId: string) => ConversationView | undefined
  readonly tell: (event: ClientEvent) => void
}

type EntriesEvent = Extract<ClientEvent, { type: 'entries' }>

/** All paths of a client that need no server, and what came along them. */
export class Direct {
  /** What others may get from this device. */
  readonly files: SharedFiles
  readonly #options: DirectOptions
  readonly #rooms = new Map<string, Room>()
  readonly #books = new Map<string, Arrivals>()
  readonly #pings: RelayPings
  readonly #timer: Timer
  #paused = false

  constructor(options: DirectOptions) {
    this.#options = options
    const { scheduler, stream, userId } = options
    this.files = new SharedFiles(idBytes(userId))
    this.#pings = new RelayPings(scheduler, stream)
    this.#timer = scheduler.every(lookEveryMs, () => this.#look())
  }

  /** Switches paths on or off in a direct conversation that this device knows. */
  allow(conversationId: string, allowed: boolean): void {
    const known = this.#rooms.get(conversationId)
    if (!allowed) {
      known?.close()
      this.#rooms.delete(conversationId)
    } else if (!known) this.#open(conversationId)
  }

  /** A stream is there: offers anew. */
  up(): void {
    for (const room of this.#rooms.values()) room.up()
    this.#excuse()
  }

  /** While the application cannot follow, only the server's copies count. */
  setPaused(paused: boolean): void {
    const wasPaused = this.#paused
    this.#paused = paused
    if (wasPaused && !paused) this.#excuse()
  }

  /** Hears what concerns paths of a frame. */
  take(events: readonly chat.Event[]): void {
    for (const { event } of events) {
      if (event?.$case === 'pong') this.#pings.heard(event.value.nonce)
      if (event?.$case !== 'directSignal') continue
      const room = this.#rooms.get(idText(event.value.conversationId))
      if (room && isPeers(event.value, this.#options.userId)) room.hear(event.value)
    }
  }

  /** A message of this client is in its outbox: the second copy of a text goes now. */
  stored(send: chat.Send): void {
    const content = send.content?.content
    if (content?.$case !== 'text' || send.forwardOf || !send.target) return
    const { clientMessageId, replyToSeq, target } = send
    const id =
      target.$case === 'conversationId' ? idText(target.value) : this.#withPeer(target.value)
    this.#rooms.get(id)?.say({ clientMessageId, text: content.value, replyToSeq })
  }

  /** The bytes of a file from `offset` on as far as the other's devices give them; undefined without a path. */
  pieces(id: string, file: FileElsewhere, offset: number, signal: AbortSignal | undefined) {
    const ways = () => this.#rooms.get(id)?.paths.flatMap(({ files }) => files ?? []) ?? []
    if (ways().length === 0) return undefined
    return piecesFromAny({ ways, scheduler: this.#options.scheduler, signal }, file, offset)
  }

  /** The same event, told what of it was shown before. */
  merged(event: EntriesEvent): EntriesEvent {
    const { conversationId } = event.conversation
    this.files.note(conversationId, event.firstSeq, event.entries)
    const book = this.#books.get(conversationId)
    if (!book) return event
    const shownSeqs: number[] = []
    event.entries.forEach((entry, at) => {
      const verdict = book.stored(entry)
      if (verdict === 'shown') shownSeqs.push(event.firstSeq + at)
      if (verdict === 'contradicted') this.#contradicted(conversationId, entry)
    })
    return shownSeqs.length === 0 ? event : { ...event, shownSeqs }
  }

  close(): void {
    this.#timer.cancel()
    for (const room of this.#rooms.values()) room.close()
    this.#rooms.clear()
  }

  #open(conversationId: string): void {
    const { viewOf, scheduler, host, addresses, deviceId, udp, rendezvous } = this.#options
    if ((viewOf(conversationId)?.peerId ?? '') === '') {
      const message = 'only two can talk directly, in a conversation that is known here'
      throw new AppError('invalid', 'NOT_DIRECT', message)
    }
    if (this.#rooms.size >= maxRooms) {
      const message = `direct paths are on in ${maxRooms} conversations already`
      throw new AppError('exhausted', 'TOO_MANY_DIRECT', message)
    }
    const room = new Room({
      conversationId: idBytes(conversationId),
      deviceId: idBytes(deviceId),
      host,
      addresses: addresses ?? ((port) => ownAddresses(host, port)),
      udp,
      rendezvous,
      scheduler,
      push: (command) => this.#push(command),
      text: (from, text, path) => this.#arrived(conversationId, from, text, path),
      read: (asked) => this.files.read(conversationId, asked),
      path: (from, state, reason) => this.#moved(conversationId, from, state, reason),
    })
    this.#rooms.set(conversationId, room)
    this.#book(conversationId)
    void room.open()
  }

  #book(conversationId: string): Arrivals {
    const known = this.#books.get(conversationId) ?? new Arrivals()
    this.#books.delete(conversationId)
    this.#books.set(conversationId, known)
    if (this.#books.size > maxBooks) {
      for (const oldest of this.#books.keys()) {
        this.#books.delete(oldest)
        break
      }
    }
    return known
  }

  #push(command: CommandCase): void {
    this.#options.stream()?.push(command)
  }

  #arrived(id: string, from: chat.DirectSignal, text: chat.DirectText, path: Path): void {
    const { viewOf, scheduler, tell } = this.#options
    const conversation = viewOf(id)
    if (this.#paused || !conversation || !isText(text)) return
    const isNew = this.#book(id).direct(from.userId, text, scheduler.monotonic())
    if (!isNew) return
    const { clientMessageId, replyToSeq } = text
    tell({
      type: 'direct-message',
      conversation,
      messageId: idText(clientMessageId),
      senderId: idText(from.userId),
      senderName: from.userName,
      text: text.text?.text ?? '',
      replyToSeq,
      directMs: path.rttMs,
      relayMs: this.#pings.rttMs,
    })
  }

  #moved(
    conversationId: string,
    from: chat.DirectSignal,
    state: 'open' | 'closed',
    reason: string,
  ): void {
    const { userId, userName, deviceId } = from
    const whose = { userId: idText(userId), userName, deviceId: idText(deviceId) }
    this.#options.tell({ type: 'direct-path', conversationId, ...whose, state, reason })
    if (state === 'open') this.#pings.ping()
  }

  // What was shown was never sent to the server, or not so: whoever does that is not heard directly.
  #contradicted(conversationId: string, { clientMessageId }: chat.Entry): void {
    const messageId = idText(clientMessageId)
    this.#options.tell({ type: 'direct-doubt', conversationId, messageId, why: 'CONTRADICTED' })
    this.#rooms.get(conversationId)?.hangUp()
  }

  // No copy could come until now.
  #excuse(): void {
    const nowMs = this.#options.scheduler.monotonic()
    for (const book of this.#books.values()) book.excuse(nowMs)
  }

  #look(): void {
    const { stream, scheduler, tell } = this.#options
    if (!stream() || this.#paused) return
    for (const [conversationId, book] of this.#books) {
      for (const late of book.doubtful(scheduler.monotonic())) {
        tell({ type: 'direct-doubt', conversationId, messageId: idText(late), why: 'UNCONFIRMED' })
      }
    }
    if ([...this.#rooms.values()].some(({ paths }) => paths.length > 0)) this.#pings.pingNow()
  }

  #withPeer(userId: Buffer): string {
    const id = idText(userId)
    const { viewOf } = this.#options
    return [...this.#rooms.keys()].find((each) => viewOf(each)?.peerId === id) ?? ''
  }
}

function isPeers({ userId, publicKey, step }: chat.DirectSignal, self: string): boolean {
  if (idText(userId) === self) return false
  return step === 3 || publicKey.length === 32
}

function isText({ clientMessageId, text, replyToSeq }: chat.DirectText): boolean {
  if (!isUuidv7(clientMessageId) || !text || replyToSeq < 0) return false
  return text.text !== '' && Buffer.byteLength(text.text) <= maxTextBytes
}
