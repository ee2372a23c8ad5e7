import { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import { maxAsks } from './file-answers.ts'
import type { PieceAsked } from './shared-files.ts'

interface Waiting {
  readonly resolve: (piece: Buffer) => void
  readonly reject: (why: AppError) => void
}

/** One piece on its way. */
export interface PieceComing {
  /** Empty when the other does not give it; throws (unavailable, PATH_OVER) or (cancelled, CANCELLED). */
  readonly piece: Promise<Buffer>
  /** Nobody waits for it any more. */
  readonly drop: () => void
}

/** What this device asks of another one's files, along one path. */
export class FileAsks {
  readonly #say: (ask: chat.DirectFileAsk) => void
  /** By number, in the order in which they were made; the first `maxAsks` of them have been said. */
  readonly #waiting = new Map<number, Waiting>()
  readonly #unsaid = new Map<number, chat.DirectFileAsk>()
  #number = 0
  #isOver = false

  constructor(say: (ask: chat.DirectFileAsk) => void) {
    this.#say = say
  }

  /** Asks for a piece of at most `maxPieceBytes`. */
  ask(asked: PieceAsked): PieceComing {
    this.#number += 1
    const number = this.#number
    const piece = new Promise<Buffer>((resolve, reject) => {
      if (this.#isOver) return reject(pathOver())
      this.#waiting.set(number, { resolve, reject })
      this.#unsaid.set(number, { number, ...asked })
      this.#sayNext()
    })
    // Whoever waits for an earlier one has left when that failed.
    piece.catch(() => undefined)
    return { piece, drop: () => this.#drop(number) }
  }

  /** A piece has come; what was not asked for is passed over. */
  heard({ number, piece }: chat.DirectFilePiece): void {
    if (this.#unsaid.has(number)) return
    const waiting = this.#waiting.get(number)
    this.#waiting.delete(number)
    waiting?.resolve(piece)
    this.#sayNext()
  }

  /** The path is over: nothing comes any more. */
  end(): void {
    this.#isOver = true
    for (const { reject } of this.#waiting.values()) reject(pathOver())
    this.#waiting.clear()
    this.#unsaid.clear()
  }

  // What was said counts until it is answered: the other has it in its queue.
  #drop(number: number): void {
    const message = 'this piece is not wanted any more'
    this.#waiting.get(number)?.reject(new AppError('cancelled', 'CANCELLED', message))
    if (this.#unsaid.delete(number)) this.#waiting.delete(number)
  }

  // Downloads that go on at once share what the other side takes.
  #sayNext(): void {
    for (const [number, ask] of this.#unsaid) {
      if (this.#waiting.size - this.#unsaid.size >= maxAsks) return
      this.#unsaid.delete(number)
      this.#say(ask)
    }
  }
}

function pathOver(): AppError {
  return new AppError('unavailable', 'PATH_OVER', 'the direct path is over')
}
