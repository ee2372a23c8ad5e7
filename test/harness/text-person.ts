import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { eventually } from '@parley/testkit'
import { passwordOf } from './person.ts'

/** Somebody at a raw socket who types the lines of the text protocol. */
export class TextPerson {
  readonly #name: string
  readonly #socket: Socket
  readonly #closed: Promise<unknown>
  #text = ''

  private constructor(name: string, socket: Socket) {
    this.#name = name
    this.#socket = socket
    this.#closed = new Promise((resolve) => socket.once('close', resolve))
    socket.setEncoding('utf8').on('data', (text: string) => (this.#text += text))
    socket.on('error', () => undefined)
  }

  /** Connects and logs in. */
  static async login(relay: string, name: string): Promise<TextPerson> {
    const [host, port] = relay.split(':')
    const person = new TextPerson(name, connect(Number(port), host))
    person.#type(`101|${name},${passwordOf(name)}`)
    await eventually(() => person.#replies.length === 1)
    if (person.#replies[0] !== '1|') throw new Error(`${name} may not come in: ${person.#text}`)
    return person
  }

  /** Sender and text of each message that came, in the order in which they came. */
  get messages(): { readonly from: string; readonly text: string }[] {
    const ofMessages = this.#lines.filter((line) => line.startsWith('1|103@'))
    return ofMessages.map((line) => {
      const [, from = '', text = ''] = line.split('@')
      return { from, text }
    })
  }

  /** Sends a text and waits for its answer. */
  async say(to: string, text: string): Promise<void> {
    const answer = await this.#ask(`103|${this.#name},${to},${text}`)
    if (answer !== '1|') throw new Error(`refused: ${text}`)
  }

  /** Who is online, and the groups. */
  async list(): Promise<string[]> {
    const [, , who = ''] = (await this.#ask('102|')).split('@')
    return who.split(',')
  }

  /** Logs out as old clients do: by closing the connection. */
  async leave(): Promise<void> {
    this.#socket.end()
    await this.#closed
  }

  get #lines(): string[] {
    return this.#text.split('\n').slice(0, -1)
  }

  get #replies(): string[] {
    return this.#lines.filter((line) => !line.startsWith('1|103@'))
  }

  async #ask(request: string): Promise<string> {
    const before = this.#replies.length
    this.#type(request)
    await eventually(() => this.#replies.length > before)
    return this.#replies[before] ?? ''
  }

  #type(line: string): void {
    this.#socket.write(`${line}\n`)
  }
}
