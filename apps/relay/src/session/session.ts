import type { Identity } from '../security/identity.ts'
import type { Place } from '../domain/place.ts'
import { isNext, visibleHead } from '../domain/place.ts'
import { bytesKey } from '../domain/bytes.ts'
import type { Appended, LogRun, Stay } from '../store/journal.ts'
import type { SessionContext } from './session-context.ts'
import { encodedInfo, encodedSender, framed, framedEntries } from './frames.ts'
import type { FramedEvent } from './frames.ts'
import { LogReader, lowWaterBytes } from './log-reader.ts'
import type { Outlet } from './outlet.ts'
import { SendQueue } from './send-queue.ts'

/**
 * One connected device: a cursor over the logs of its user's conversations. Live entries are a
 * short cut of reading the log; a session that falls behind goes back to reading.
 */
export class Session {
  readonly id: Uint8Array
  readonly identity: Identity
  readonly clientName: string
  readonly isTransient: boolean
  readonly connectedAtMs: number
  /** When the token of the stream expires; it ends 30 s later. */
  expiresAtMs: number
  /** When the device was last heard. */
  heardAtMs: number
  /** How often conversations were given to or taken from the user while this session is here. */
  moves = 0
  /** Fields 1 and 2 of the entries this session writes, encoded. */
  readonly senderFields: Uint8Array
  readonly places = new Map<number, Place>()
  readonly placesById = new Map<string, Place>()
  readonly #outlet: Outlet
  readonly #context: SessionContext<Session>
  readonly #queue: SendQueue
  readonly #reader: LogReader
  #blockedSinceMs: number | undefined
  #flushing = false
  #isLoaded = false
  #caughtUp = false
  #fellBehind = false
  #isOver = false

  constructor(
    identity: Identity,
    hello: { readonly clientName: string; readonly transient: boolean },
    outlet: Outlet,
    context: SessionContext<Session>,
  ) {
    this.id = context.newId()
    this.identity = identity
    this.clientName = hello.clientName
    this.isTransient = hello.transient
    this.expiresAtMs = identity.expiresAtMs
    this.connectedAtMs = context.scheduler.now()
    this.heardAtMs = context.scheduler.monotonic()
    this.senderFields = encodedSender(identity)
    this.#outlet = outlet
    this.#context = context
    this.#queue = new SendQueue(context.budget)
    this.#reader = new LogReader({
      readLog: (...range) => context.journal.readLog(...range),
      vouch: context.vouch?.(this),
      hasRoom: () => this.#hasRoom(),
      sendRun: (place, run) => this.#sendRun(place, run),
      sendGap: (place, from, to) => this.#sendGap(place, from, to),
      level: () => this.#level(),
      failed: (error) => this.#fail(error),
    })
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** The conversations of the user are known; before, news of stays are part of loading them. */
  get isLoaded(): boolean {
    return this.#isLoaded
  }

  get queuedBytes(): number {
    return this.#queue.logBytes
  }

  /** How many news of others wait of which only the latest of each key matters. */
  get queuedNews(): number {
    return this.#queue.news
  }

  /** How many events wait that cannot be dropped. */
  get queuedControls(): number {
    return this.#queue.controls
  }

  /** Since when the device has taken nothing although something waits; undefined when it reads. */
  get blockedSinceMs(): number | undefined {
    return this.#blockedSinceMs
  }

  /** Sends an event that must arrive. */
  tell(event: FramedEvent): void {
    if (this.#isOver) return
    this.#queue.control(event)
    this.#flushSoon()
  }

  /** Sends news of which only the latest of each key matters. */
  mention(key: string, event: FramedEvent): void {
    if (this.#isOver) return
    this.#queue.ephemeral(key, event)
    this.#flushSoon()
  }

  /** Hears of an entry that was just written; `event` is shared by all sessions that are told. */
  deliver(appended: Appended, event: FramedEvent): void {
    const place = this.places.get(appended.conversation)
    // Another relay may repeat itself.
    if (place === undefined || this.#isOver || appended.seq <= place.sent) return
    place.head = Math.max(place.head, appended.seq)
    if (isNext(place, appended.seq) && this.#sendLive(place, appended, event)) return
    this.#reader.follow(place)
    this.#flushSoon()
  }

  /** Hears that a log is at least so long: what the device lacks of it is read. */
  heard(conversation: number, head: number): void {
    const place = this.places.get(conversation)
    if (place === undefined || this.#isOver) return
    place.head = Math.max(place.head, head)
    if (place.sent >= visibleHead(place)) return
    this.#reader.follow(place)
    this.#flushSoon()
  }

  /** The device's own entry was written: it needs to be sent only when it is not the next one. */
  ownEntry(conversation: number, seq: number): void {
    const place = this.places.get(conversation)
    if (place === undefined) return
    place.head = Math.max(place.head, seq)
    if (isNext(place, seq)) place.sent = seq
    else this.#reader.follow(place)
  }

  /** Follows one more conversation, from where its place stands. */
  enter(place: Place): void {
    if (this.#isOver) return
    this.places.set(place.conversation, place)
    this.placesById.set(bytesKey(place.publicId), place)
    this.#reader.follow(place)
  }

  /** Sends the log of a conversation again, from after `afterSeq` on. */
  rewind(place: Place, afterSeq: number): void {
    place.sent = Math.min(place.sent, afterSeq)
    this.#reader.follow(place)
    this.#flushSoon()
  }

  /** A stay has ended: nothing after its last entry is sent. */
  leave({ conversation, joinedSeq, leftSeq }: Stay): void {
    const stays = this.places.get(conversation)?.stays ?? []
    for (const stay of stays) if (stay.from === joinedSeq) stay.to = leftSeq
  }

  /** Sends CaughtUp when all that was there at connect has been sent; call after the first `enter`s. */
  begin(): void {
    this.#isLoaded = true
    this.#reader.pump()
    if (this.#reader.isLevel) this.#level()
  }

  /** The device takes what was written, though it is not through with it. */
  advanced(): void {
    if (this.#blockedSinceMs === undefined) return
    this.#blockedSinceMs = this.#context.scheduler.monotonic()
  }

  /** The device reads again. */
  drained(): void {
    this.#blockedSinceMs = undefined
    if (this.#fellBehind) this.#tellHeads()
    this.flush()
  }

  /** Once a second: goes on where others have made room, or makes room for others. */
  tick(): void {
    // A device that does not read gets it from the log later.
    const yields = this.#blockedSinceMs !== undefined && this.#queue.isProcessFull
    if (yields && this.queuedBytes > 0) this.#fallBack()
    this.flush()
  }

  /** Writes what waits, until the device is slow or nothing is left. */
  flush(): void {
    this.#flushing = false
    while (!this.#isOver && this.#blockedSinceMs === undefined) {
      const frame = this.#queue.nextFrame()
      if (frame === undefined) break
      if (!this.#outlet.write(frame)) this.#blockedSinceMs = this.#context.scheduler.monotonic()
    }
    if (this.#blockedSinceMs === undefined) this.#reader.pump()
  }

  /** Ends the session after what waits; `last` is told before. */
  end(last?: FramedEvent): void {
    if (this.#isOver) return
    this.flush()
    // Told even to one who is slow to read: nothing comes after it.
    if (last !== undefined) this.#outlet.write(last)
    this.#close()
    this.#outlet.end()
  }

  /** Ends the session now. */
  destroy(): void {
    if (this.#isOver) return
    this.#close()
    this.#outlet.destroy()
  }

  #close(): void {
    this.#isOver = true
    this.#reader.stop()
    this.#queue.clear()
  }

  #sendLive(place: Place, appended: Appended, event: FramedEvent): boolean {
    const first = place.announced
      ? event
      : framedEntries(place, appended.seq, { one: appended.entry }, encodedInfo(place))
    if (!this.#queue.entries(place, appended.seq, first)) {
      this.#fallBack()
      return false
    }
    place.sent = appended.seq
    place.announced = true
    this.#flushSoon()
    return true
  }

  #tellHeads(): void {
    this.#fellBehind = false
    for (const place of this.#reader.behind) {
      if (place.sent < visibleHead(place)) this.#queue.control(headOf(place))
    }
  }

  /** No room: drops what waits and reads it from the log when the device has caught up. */
  #fallBack(): void {
    for (const place of this.#queue.dropEntries()) this.#reader.follow(place)
    this.#fellBehind = true
    this.#context.events.sessionFellBehind(this.identity.userId)
  }

  #hasRoom(): boolean {
    if (this.#isOver || this.#blockedSinceMs !== undefined) return false
    return this.queuedBytes < lowWaterBytes && !this.#queue.isProcessFull
  }

  #sendRun(place: Place, run: LogRun): void {
    const info = place.announced ? undefined : encodedInfo(place)
    const event = framedEntries(place, run.firstSeq, { packed: run.packed }, info)
    this.#queue.run(place, run.firstSeq, event)
    place.announced = true
    this.#flushSoon()
  }

  #sendGap(place: Place, from: number, to: number): void {
    const { publicId: conversationId, epoch } = place
    const value = { conversationId, epoch, from, to, why: 1 as const }
    this.tell(framed({ $case: 'gap', value }))
  }

  #level(): void {
    if (this.#caughtUp || !this.#isLoaded) return
    this.#caughtUp = true
    this.tell(framed({ $case: 'caughtUp', value: {} }))
  }

  #fail(error: unknown): void {
    this.#context.events.sessionFailed(this.identity.userId, error)
    this.destroy()
  }

  #flushSoon(): void {
    if (this.#flushing || this.#blockedSinceMs !== undefined) return
    this.#flushing = true
    this.#context.flushSoon(this)
  }
}

function headOf(place: Place): FramedEvent {
  const { publicId: conversationId, epoch } = place
  const value = { conversationId, epoch, seq: visibleHead(place) }
  return framed({ $case: 'head', value })
}
