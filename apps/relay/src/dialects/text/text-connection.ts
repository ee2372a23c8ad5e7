import type { Socket } from 'node:net'
import { formatAddress } from '@parley/service-kit'
import type { Timer } from '@parley/service-kit'
import type { PlainClient, PlainMessage } from '../../plain/plain-client.ts'
import type { Ended } from '../../session/stream.ts'
import { Answers } from './answers.ts'
import { Requests, maxRequestBytes } from './framing.ts'
import { messageAnswer, refused } from './text-codec.ts'
import { Visitor } from './visitor.ts'
import type { TextParts } from './visitor.ts'

/** How long a client may take to log in, and to try again. */
export const loginMs = 10_000
/** The longest request of somebody who has not logged in. */
const maxEarlyBytes = 4 * 1024
/** How long the requests may take that a client has left behind. */
export const lastRequestsMs = 10_000
/** The network asks so often whether a silent client is there. */
const keepAliveMs = 60_000

/** One client of S2 on its connection. */
export class TextConnection implements PlainClient {
  readonly #socket: Socket
  readonly #parts: TextParts
  readonly #visitor: Visitor
  readonly #requests: Requests
  readonly #answers: Answers
  #late: Timer | undefined
  #isServing = false
  #isHeld = false
  // It has said that it sends no more.
  #hasLeft = false
  #isOver = false

  constructor(socket: Socket, parts: TextParts) {
    this.#socket = socket
    this.#parts = parts
    const { scheduler } = parts
    const serve = () => void this.#serve()
    const endsLines = () => this.#requests.endsLines
    const peer = formatAddress(socket.remoteAddress ?? '', socket.remotePort ?? 0)
    this.#visitor = new Visitor(parts, this, peer)
    this.#requests = new Requests(scheduler, serve)
    this.#answers = new Answers({ socket, scheduler, endsLines, drained: serve })
    this.#allow(loginMs)
    // What it has asked before it ends is answered.
    socket.allowHalfOpen = true
    socket.setKeepAlive(true, keepAliveMs)
    socket.on('data', (bytes: Buffer) => this.#take(bytes))
    socket.once('end', () => this.#left())
    socket.once('close', () => this.#closed())
    socket.resume()
  }

  show({ sender, text, sentAtMs }: PlainMessage, taken: () => void): number {
    return this.#answers.write(messageAnswer(sender, text, sentAtMs), taken)
  }

  ended(why: Ended | undefined): void {
    if (this.#isOver) return
    const isNobody = this.#visitor.session === undefined
    if (why !== undefined) this.#answers.write(isNobody ? refused : this.#farewell(why))
    // A login that is under way ends when it comes back.
    if (isNobody) this.#visitor.gone(false)
    this.#hangUp()
  }

  pause(): void {
    this.#isHeld = true
  }

  resume(): void {
    this.#isHeld = false
    void this.#serve()
  }

  /** Lets who has not logged in go. */
  drain(): void {
    if (this.#visitor.session === undefined) this.#end()
  }

  #farewell({ message }: Ended): string {
    return messageAnswer('Server', message, this.#parts.scheduler.now())
  }

  #take(bytes: Buffer): void {
    if (this.#isOver) return
    this.#requests.push(bytes)
    if (this.#requests.isFull) this.#socket.pause()
    void this.#serve()
  }

  /** Answers what waits, one request after the other. */
  async #serve(): Promise<void> {
    if (this.#isServing) return
    this.#isServing = true
    while (!this.#isOver && !this.#isHeld && !this.#answers.isFull) {
      const request = this.#requests.next(this.#visitor.session ? maxRequestBytes : maxEarlyBytes)
      if (request === undefined) break
      if (request === 'too long') this.#sayLast(refused)
      else await this.#serveOne(request)
    }
    this.#isServing = false
    if (this.#isOver) return
    if (this.#requests.isDone) this.#end()
    else if (!this.#requests.isFull) this.#socket.resume()
  }

  async #serveOne(request: Buffer): Promise<void> {
    const wasNobody = this.#visitor.session === undefined
    if (wasNobody && !this.#hasLeft) this.#late?.cancel()
    const answer = await this.#visitor.answer(request)
    if (this.#isOver) return
    if (this.#visitor.hasHadItsTries) return this.#sayLast(answer)
    this.#answers.write(answer)
    if (wasNobody) this.#afterTry()
  }

  #afterTry(): void {
    const { session } = this.#visitor
    if (session !== undefined) session.start()
    else if (!this.#hasLeft) this.#allow(loginMs)
  }

  #sayLast(answer: string): void {
    this.#answers.write(answer)
    this.#end()
  }

  /** Gives it so long, and ends it then. */
  #allow(ms: number): void {
    this.#late?.cancel()
    this.#late = this.#parts.scheduler.setTimer(ms, () => this.#end())
  }

  #left(): void {
    if (this.#isOver) return
    this.#hasLeft = true
    this.#allow(lastRequestsMs)
    this.#requests.end()
    void this.#serve()
  }

  #closed(): void {
    if (this.#isOver) this.#visitor.session?.cut()
    // What it asked before it left is still done.
    else if (!this.#hasLeft) this.#end()
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#visitor.gone(this.#hasLeft)
    this.#hangUp()
    if (this.#socket.closed) this.#parts.scheduler.soon(() => this.#visitor.session?.cut())
  }

  #hangUp(): void {
    this.#isOver = true
    this.#late?.cancel()
    this.#requests.close()
    this.#answers.end()
    // The rest is thrown away, so that its end is heard.
    this.#socket.resume()
  }
}
