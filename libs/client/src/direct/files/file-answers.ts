import type { Channel } from '@parley/direct'
import { chat } from '@parley/proto'
import type { PieceAsked } from './shared-files.ts'

/** Asks of one device that wait for their piece: it asks for no more before the first has come. */
export const maxAsks = 16

/** Where the bytes of files come from; none of what is not given. */
export type ReadPiece = (asked: PieceAsked) => Promise<Buffer>

/** Answers what one device asks for, one piece after another, as fast as it takes them. */
export class FileAnswers {
  readonly #channel: Channel
  readonly #read: ReadPiece
  readonly #waiting: chat.DirectFileAsk[] = []
  #isAnswering = false

  constructor(channel: Channel, read: ReadPiece) {
    this.#channel = channel
    this.#read = read
  }

  /** Takes an ask; false when the device asks for more than it may. */
  asked(ask: chat.DirectFileAsk): boolean {
    if (this.#waiting.length >= maxAsks) return false
    this.#waiting.push(ask)
    if (!this.#isAnswering) void this.#answerAll()
    return true
  }

  async #answerAll(): Promise<void> {
    this.#isAnswering = true
    for (let ask = this.#waiting[0]; ask !== undefined; ask = this.#waiting[0]) {
      await this.#answer(ask)
      this.#waiting.shift()
    }
    this.#isAnswering = false
  }

  async #answer(ask: chat.DirectFileAsk): Promise<void> {
    const piece = await this.#read(ask)
    // Texts and pings must find room between two pieces.
    await this.#channel.drained()
    if (!this.#channel.isOpen) return
    const value = { number: ask.number, piece }
    const frame = chat.DirectFrame.encode({ frame: { $case: 'filePiece', value } })
    this.#channel.send(frame.finish())
  }
}
