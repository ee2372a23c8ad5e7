import type { Socket } from 'node:net'
import { formatAddress } from '@parley/service-kit'
import type { Timer } from '@parley/service-kit'
import type { PlainClient, PlainMessage } from '../../plain/plain-client.ts'
import type { Ended } from '../../session/stream.ts'
import { FileInbox } from './file-inbox.ts'
import type { FilePlaces } from './file-inbox.ts'
import { javaTime } from './java-time.ts'
import { ObjectStream } from './java-serialisation/object-stream.ts'
import type { Next } from './java-serialisation/object-stream.ts'
import { writeMessage } from './java-serialisation/write-message.ts'
import type { MessageToWrite } from './java-serialisation/write-message.ts'
import { mesType } from './message-types.ts'
import { Visitor } from './visitor.ts'
import type { Answer, JavaParts } from './visitor.ts'

/** How long a client may take to log in. */
export const loginMs = 10_000
/** The longest object of somebody who has not logged in. */
export const maxEarlyBytes = 8 * 1024
/** The longest object. */
export const maxObjectBytes = 256 * 1024
/** What may be held unsent of one connection before its requests wait. */
const maxUnsentBytes = 64 * 1024
/** How long a client may take nothing while its requests wait for it. */
export const stuckMs = 30_000
/** How long the requests may take that a client has left behind, and the last words to leave. */
const lastRequestsMs = 10_000
const lingerMs = 5_000
/** The network asks so often whether a silent client is there. */
const keepAliveMs = 60_000
/** The `serialVersionUID` of the series' classes, until the client's own is known. */
const seriesUid = 1n

/** One Java client on its connection. */
export class JavaConnection implements PlainClient {
  readonly #socket: Socket
  readonly #parts: JavaParts
  readonly #visitor: Visitor
  readonly #files: FileInbox
  readonly #stream: ObjectStream
  /** Ends it when what is waited for does not come: a login, room, the end. */
  #late: Timer | undefined
  #isServing = false
  #isHeld = false
  #hasAll = true
  /** It sends no more. */
  #hasEnded = false
  #isOver = false
  #isClosed = false

  constructor(socket: Socket, parts: JavaParts, places: FilePlaces) {
    this.#socket = socket
    this.#parts = parts
    const peer = formatAddress(socket.remoteAddress ?? '', socket.remotePort ?? 0)
    this.#visitor = new Visitor(parts, this, peer)
    this.#files = new FileInbox(places, parts.scheduler, (why) => this.#refuse(why))
    this.#stream = new ObjectStream(
      (lengthBytes) => this.#visitor.session && this.#files.begin(lengthBytes),
    )
    this.#allow(loginMs)
    // What it has asked before it ends is answered.
    socket.allowHalfOpen = true
    socket.setKeepAlive(true, keepAliveMs)
    socket.on('data', (bytes: Buffer) => this.#take(bytes))
    socket.on('drain', () => this.#drained())
    socket.once('end', () => this.#ended())
    socket.once('close', () => this.#closed())
    socket.resume()
  }

  show(message: PlainMessage, taken: () => void): number {
    const { sender, getter, text: content, sentAtMs } = message
    const sendTime = javaTime(sentAtMs)
    return this.#write({ mesType: mesType.text, sender, getter, content, sendTime }, taken)
  }

  ended(why: Ended | undefined): void {
    if (why === undefined) this.#end()
    else this.#refuse(why.message)
  }

  pause(): void {
    this.#isHeld = true
  }

  resume(): void {
    this.#isHeld = false
    this.#serve()
  }

  /** Lets who has not logged in go. */
  drain(): void {
    if (this.#visitor.session === undefined) this.#end()
  }

  /** Ends it with these last words. */
  #refuse(why: string): void {
    if (this.#isOver) return
    const { message } = this.#visitor.refusal(why)
    if (message !== undefined) this.#write(message)
    this.#end()
  }

  get #isFull(): boolean {
    return !this.#socket.destroyed && this.#socket.writableLength >= maxUnsentBytes
  }

  #take(bytes: Buffer): void {
    if (this.#isOver) return
    this.#stream.feed(bytes)
    this.#hasAll = false
    this.#serve()
    // Until what has come is done.
    if (!this.#hasAll && !this.#isOver) this.#socket.pause()
  }

  #serve(): void {
    if (this.#isServing || this.#isOver) return
    this.#isServing = true
    void this.#serveAll().catch((error: unknown) => {
      this.#parts.events.sessionFailed(undefined, error)
      this.#end()
    })
  }

  /** Serves the objects that have come, one after the other. */
  async #serveAll(): Promise<void> {
    while (!this.#isOver && !this.#isHeld && !this.#isFull) {
      const next = this.#stream.next(this.#visitor.session ? maxObjectBytes : maxEarlyBytes)
      this.#hasAll = next.type === 'more'
      if (next.type === 'more') break
      await this.#serveOne(next)
    }
    this.#isServing = false
    if (this.#isOver) return
    if (this.#isFull) this.#allow(stuckMs)
    else if (this.#hasAll && this.#hasEnded) this.#end()
    else if (this.#hasAll) this.#socket.resume()
  }

  async #serveOne(next: Exclude<Next, { type: 'more' }>): Promise<void> {
    const wasNobody = this.#visitor.session === undefined
    const { message, isLast } = await this.#answerTo(next)
    if (this.#isOver) return
    if (message !== undefined) this.#write(message)
    if (isLast === true) return this.#end()
    if (wasNobody) this.#begin()
  }

  async #answerTo(next: Exclude<Next, { type: 'more' }>): Promise<Answer> {
    if (next.type === 'refused') return this.#visitor.refusal(next.why)
    const file = this.#files.arrived()
    try {
      return await this.#visitor.answer(next.object, file)
    } finally {
      if ('letGo' in file) file.letGo()
    }
  }

  /** After the login was answered. */
  #begin(): void {
    if (!this.#hasEnded) this.#late?.cancel()
    this.#visitor.session?.start()
  }

  #write(message: MessageToWrite, taken?: () => void): number {
    const bytes = writeMessage(message, this.#stream.messageUid ?? seriesUid)
    if (this.#isOver || !this.#socket.writable) return bytes.length
    this.#socket.write(bytes, (error) => {
      if (!error) taken?.()
    })
    return bytes.length
  }

  #drained(): void {
    if (this.#isOver) return
    if (this.#visitor.session !== undefined && !this.#hasEnded) this.#late?.cancel()
    this.#serve()
  }

  /** Gives it so long, and ends it then. */
  #allow(ms: number): void {
    this.#late?.cancel()
    this.#late = this.#parts.scheduler.setTimer(ms, () => this.#end())
  }

  #ended(): void {
    if (this.#isOver || this.#hasEnded) return
    this.#hasEnded = true
    this.#allow(lastRequestsMs)
    this.#serve()
  }

  #closed(): void {
    this.#isClosed = true
    if (this.#isOver) this.#gone()
    else this.#ended()
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#files.close()
    this.#late?.cancel()
    // The session of a client that says it leaves ends cleanly before its connection does.
    if (this.#isClosed) return this.#gone()
    this.#late = this.#parts.scheduler.setTimer(lingerMs, () => this.#socket.destroy())
    this.#socket.end()
    // The rest is thrown away, so that its end is heard.
    this.#socket.resume()
  }

  #gone(): void {
    this.#late?.cancel()
    this.#visitor.gone()
  }
}
