import { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import type { Scheduler, Timer } from '@parley/service-kit'
import { uuidv7 } from '@parley/service-kit'
import { bytesEqual } from '../domain/bytes.ts'
import type { StoredFile } from './plain-files.ts'

/** Texts and files of one session that wait for their turn; more are refused. */
export const maxWaitingTexts = 64

/** Where a text goes: the id of a conversation or of a user. */
export type Target = NonNullable<chat.Send['target']>

interface Said {
  readonly target: Target
  readonly content: NonNullable<chat.Content['content']>
  readonly receipt: string
}

interface Waiting {
  readonly send: chat.Send
  readonly done: () => void
  readonly failed: (error: AppError) => void
}

/**
 * Texts and files of a plain client on their way to disk, one at a time. It has no ids of its own and cannot repeat what
 * has no answer: each gets one id here, under which it is repeated until its outcome is known.
 */
export class PlainSends {
  readonly #scheduler: Scheduler
  readonly #send: (send: chat.Send) => void
  readonly #waiting: Waiting[] = []
  #again: Timer | undefined
  #over: AppError | undefined

  constructor(scheduler: Scheduler, send: (send: chat.Send) => void) {
    this.#scheduler = scheduler
    this.#send = send
  }

  /** Resolves when the text is on disk; throws the refusal, or why it cannot be told. */
  say(target: Target, text: string): Promise<void> {
    return this.#queue({ target, content: { $case: 'text', value: { text } }, receipt: '' })
  }

  /** The same for a file that is stored; its size and digest the receipt says. */
  file(target: Target, name: string, { fileId, receipt }: StoredFile): Promise<void> {
    const facts = { size: 0, digest: Buffer.alloc(0), mediaType: '' }
    return this.#queue({
      target,
      content: { $case: 'file', value: { fileId, name, ...facts } },
      receipt,
    })
  }

  #queue(said: Said): Promise<void> {
    return new Promise((done, failed) => {
      if (this.#over !== undefined) return failed(this.#over)
      if (this.#waiting.length >= maxWaitingTexts) return failed(tooMany())
      this.#waiting.push({ send: this.#sendOf(said), done, failed })
      if (this.#waiting.length === 1) this.#next()
    })
  }

  accepted({ clientMessageId }: chat.Accepted): void {
    this.#settle(clientMessageId, ({ done }) => done())
  }

  refused({ clientMessageId, reason, message }: chat.Refused): void {
    const error = new AppError('precondition', reason, message)
    this.#settle(clientMessageId, ({ failed }) => failed(error))
  }

  /** Nobody knows whether it was stored: it is sent again under the same id. */
  unresolved({ retryAfterMs }: chat.Unresolved): void {
    this.#again?.cancel()
    this.#again = this.#scheduler.setTimer(retryAfterMs, () => this.#next())
  }

  /** Fails what is under way, and all that comes. */
  close(): void {
    this.#again?.cancel()
    this.#over = new AppError('unavailable', 'CUT', 'the session ended before the answer came')
    for (const { failed } of this.#waiting.splice(0)) failed(this.#over)
  }

  #settle(id: Uint8Array, how: (waiting: Waiting) => void): void {
    const [first] = this.#waiting
    if (first === undefined || !bytesEqual(first.send.clientMessageId, id)) return
    this.#waiting.shift()
    how(first)
    this.#next()
  }

  #next(): void {
    const [first] = this.#waiting
    if (first !== undefined) this.#send(first.send)
  }

  #sendOf({ target, content, receipt }: Said): chat.Send {
    return {
      clientMessageId: Buffer.from(uuidv7(this.#scheduler)),
      target,
      content: { content },
      replyToSeq: 0,
      receipt,
      forwardOf: undefined,
    }
  }
}

function tooMany(): AppError {
  const message = `at most ${maxWaitingTexts} texts and files may wait for their answers`
  return new AppError('rate-limited', 'TOO_MANY_WAITING', message)
}
