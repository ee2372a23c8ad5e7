import type { chat } from '@parley/proto'
import type { PieceAsked } from './shared-files.ts'

/** Asks of one device that wait for their piece: it asks for no more before the first has come. */
export const maxAsks = 8

/** Where the bytes of files come from; none of what is not given. */
export type ReadPiece = (asked: PieceAsked) => Promise<Buffer>

/** What answering needs. */
export interface FileAnswersOptions {
  readonly read: ReadPiece
  readonly say: (piece: chat.DirectFilePiece) => void
  /** Resolves when what was said before has left. */
  readonly drained: () => Promise<void>
}

/** Answers what one device asks for, one piece after another, as fast as it takes them. */
export class FileAnswers {
  readonly #options: FileAnswersOptions
  readonly #waiting: chat.DirectFileAsk[] = []
  #isAnswering = false

  constructor(options: FileAnswersOptions) {
    this.#options = options
  }

  /** Takes an ask; false when the device asks for more than it may. */
  asked(ask: chat.DirectFileAsk): boolean {
    if (this.#waiting.length >= maxAsks) return false
    this.#waiting.push(ask)
    if (!this.#isAnswering) void this.#answerAll()
    return true
  }

  /** The path is over: nobody waits for a piece any more. */
  end(): void {
    this.#waiting.length = 0
  }

  async #answerAll(): Promise<void> {
    const { read, say, drained } = this.#options
    this.#isAnswering = true
    for (let ask = this.#waiting[0]; ask !== undefined; ask = this.#waiting[0]) {
      const piece = await read(ask)
      // Texts and pings must find room between two pieces.
      await drained()
      say({ number: ask.number, piece })
      this.#waiting.shift()
    }
    this.#isAnswering = false
  }
}
