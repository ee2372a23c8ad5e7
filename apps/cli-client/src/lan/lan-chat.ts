import type { ChatClient } from '@parley/client'
import { visibleLine } from '@parley/words'
import type { LinePrompt } from '../chat/line-prompt.ts'
import { failureOf, UsageError } from '../exit-code.ts'
import { handOver, sayNotHandedOver } from './hand-over.ts'
import { peerLine, standingText } from './lan-lines.ts'
import type { LanRoom, ShowLine } from './lan-room.ts'
import type { Peer } from './peers.ts'
import { lookFor, saidNow, sayTo } from './say-to.ts'
import { accountOf } from './standing.ts'
import type { InLan } from './with-lan.ts'

const help =
  '/to NAME or FINGERPRINT talks to somebody, /who lists who is here, /quit leaves; //x says /x'
const maxUnshown = 64

/** What a chat needs. */
export interface LanChatOptions {
  readonly inLan: InLan
  readonly room: LanRoom
  readonly prompt: LinePrompt
  readonly print: ShowLine
  /** Of the relay, when somebody is logged in. */
  readonly client: ChatClient | undefined
}

/** What is typed, and to whom it goes. */
export class LanChat {
  readonly #options: LanChatOptions
  #to: Peer | undefined
  readonly #unshown = new Set<Promise<void>>()

  constructor(options: LanChatOptions) {
    this.#options = options
  }

  /** Takes lines until the user leaves; resolves when all of them were shown or failed. */
  async run(asked: string | undefined): Promise<void> {
    const { prompt } = this.#options
    if (asked === undefined) this.#note(help)
    else await this.#turnTo(asked)
    this.#ask()
    for await (const line of prompt.lines()) {
      if (line === '/quit') break
      await this.#obey(line).catch((error: unknown) => this.#fail(error))
      this.#ask()
    }
    await Promise.all(this.#unshown)
  }

  async #obey(line: string): Promise<void> {
    if (line.trim() === '') return
    if (!line.startsWith('/') || line.startsWith('//'))
      return this.#say(line.replace(/^\/\//u, '/'))
    const [command, ...words] = line.slice(1).split(' ')
    if (command === 'to') return this.#turnTo(words.join(' ').trim())
    if (command === 'who') return this.#list()
    this.#note(help)
  }

  async #turnTo(asked: string): Promise<void> {
    if (asked === '') throw new UsageError('/to NAME or FINGERPRINT')
    const { peer, standing } = await lookFor(this.#options.inLan, asked)
    this.#to = peer
    this.#note(
      `~ talking to ${visibleLine(peer.name)} (${peer.fingerprint}, ${standingText(standing)})`,
    )
  }

  #list(): void {
    const { inLan, room, print } = this.#options
    for (const peer of inLan.lan.peers) {
      const standing = room.standingOf(peer)
      const text = `${visibleLine(peer.name)}  ${peer.fingerprint}  ${standingText(standing)}`
      void print({ line: peerLine(peer, standing), text })
    }
  }

  // The next line may be typed before this one is shown there; their order stays.
  async #say(text: string): Promise<void> {
    const to = this.#to
    if (!to) throw new UsageError('to whom? /to NAME')
    if (this.#unshown.size >= maxUnshown) await Promise.race(this.#unshown)
    const saying = this.#deliver(to, text)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => this.#unshown.delete(saying))
    this.#unshown.add(saying)
  }

  async #deliver(to: Peer, text: string): Promise<void> {
    const { inLan, room, print, client } = this.#options
    const message = saidNow(text)
    const { line } = await sayTo(inLan, this.#whereNow(to), message)
    await print({ line, text: `${message.text}  (shown to ${visibleLine(to.name)}, not stored)` })
    const account = accountOf(to, room.known)
    if (!client || account === undefined) return
    await handOver(inLan.cli, client, account, message).catch((error: unknown) =>
      sayNotHandedOver(inLan.cli, error),
    )
  }

  // They may have moved, or come back, since this chat turned to them.
  #whereNow(to: Peer): Peer {
    const { lan } = this.#options.inLan
    return lan.peers.find(({ fingerprint }) => fingerprint === to.fingerprint) ?? to
  }

  #ask(): void {
    this.#options.prompt.ask(`${visibleLine(this.#to?.name ?? '')}> `)
  }

  #note(text: string): void {
    const { inLan, prompt } = this.#options
    if (!inLan.cli.out.json) prompt.above(text)
  }

  #fail(error: unknown): void {
    const { inLan, prompt } = this.#options
    const { reason, message } = failureOf(error)
    if (inLan.cli.out.json) inLan.cli.out.failure('parley', reason, message)
    else prompt.above(`! ${reason}: ${message}`)
  }
}
