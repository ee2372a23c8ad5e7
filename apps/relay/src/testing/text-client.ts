import type { Socket } from 'node:net'
import { eventually } from '@parley/testkit'
import { bareSocket } from './bare-socket.ts'
import type { BareSocket } from './bare-socket.ts'

const patiently = { timeoutMs: 30_000, everyMs: 40 }

/** A client of the text protocol that ends lines, and what it has been answered. */
export class TextClient {
  readonly socket: Socket
  readonly #got: BareSocket['got']

  /** At `host:port`, or over a connection that is open. */
  constructor(at: string | BareSocket) {
    const { socket, got } = typeof at === 'string' ? bareSocket(at) : at
    this.socket = socket
    this.#got = got
  }

  /** Everything that has come, as it came. */
  get received(): string {
    return this.#got.bytes.toString()
  }

  /** The answers that have come whole. */
  get answers(): string[] {
    return this.received.split('\n').slice(0, -1)
  }

  /** Sender and text of each message, escaped as they are. */
  get messages(): (readonly [sender: string, text: string])[] {
    const ofMessages = this.answers.filter((answer) => answer.startsWith('1|103@'))
    return ofMessages.map((answer) => {
      const [, sender = '', text = ''] = answer.split('@')
      return [sender, text]
    })
  }

  get isClosed(): boolean {
    return this.#got.closed
  }

  /** Writes requests, each on a line. */
  ask(...requests: readonly string[]): this {
    this.socket.write(requests.map((request) => `${request}\n`).join(''))
    return this
  }

  /** Waits until so many answers that are no messages have come, and gives them. */
  async replies(count: number): Promise<string[]> {
    const replies = () => this.answers.filter((answer) => !answer.startsWith('1|103@'))
    await eventually(() => replies().length >= count, patiently)
    return replies()
  }

  /** Waits for so many messages, and gives them. */
  async messagesFrom(count: number, sender: string): Promise<string[]> {
    const texts = () => this.messages.filter(([from]) => from === sender).map(([, text]) => text)
    await eventually(() => texts().length >= count, patiently)
    return texts()
  }

  /** Waits for the end of the connection. */
  async ended(): Promise<void> {
    await eventually(() => this.isClosed, patiently)
  }
}
