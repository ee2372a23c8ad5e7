import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { Stretch, StretchRequest } from '../dm-durable/stretch.ts'
import { startPinned } from '../measure/pinned.ts'
import type { Paced, PacedRequest } from '../two-relays/paced.ts'
import type { Doors } from './crowd.ts'
import type { Counts } from './pair.ts'

/** What a generator is asked to do. */
export type GeneratorRequest =
  | {
      readonly kind: 'connect'
      readonly doors: Doors
      readonly pairs: number
      readonly textBytes: number
    }
  | ({ readonly kind: 'stretch' } & StretchRequest)
  | ({ readonly kind: 'paced' } & PacedRequest)

/** What it answers. */
export type GeneratorAnswer =
  | { readonly kind: 'connected' }
  | ({ readonly kind: 'stretch'; readonly result: Stretch } & Seen)
  | ({ readonly kind: 'paced'; readonly result: Paced } & Seen)
  | { readonly kind: 'failed'; readonly message: string }

/** What must never happen and did. */
interface Seen {
  readonly violations: readonly string[]
  readonly violationCount: number
}

const program = path.join(import.meta.dirname, '../generator.ts')

/** The users of one subject, in a process of their own. */
export class GeneratorProcess {
  readonly #child: ChildProcess
  readonly #died: Promise<never>

  constructor(core: number | undefined) {
    this.#child = startPinned({
      core,
      args: [program],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#died = once(this.#child, 'exit').then((): never => {
      throw new Error('the generator has died')
    })
    // Told to whoever asks; when nobody does, it has ended as it should.
    this.#died.catch(() => undefined)
  }

  /** Registers and connects everybody. */
  async connect(doors: Doors, pairs: number, textBytes: number): Promise<void> {
    await this.#ask({ kind: 'connect', doors, pairs, textBytes })
  }

  /** Measures one stretch of full windows; throws when anything was lost, repeated or out of order. */
  async stretch(request: StretchRequest): Promise<Stretch> {
    const answer = await this.#ask({ kind: 'stretch', ...request })
    if (answer.kind !== 'stretch') throw new Error('the generator answers something else')
    return checked(answer, answer.result)
  }

  /** Measures one stretch on a fixed schedule; throws when anything was lost, repeated or out of order. */
  async paced(request: PacedRequest): Promise<Paced> {
    const answer = await this.#ask({ kind: 'paced', ...request })
    if (answer.kind !== 'paced') throw new Error('the generator answers something else')
    return checked(answer, answer.result)
  }

  /** Ends the process, which hangs up for everybody; harmless when it has ended. */
  async stop(): Promise<void> {
    if (!this.#child.connected) return
    const gone = once(this.#child, 'exit')
    this.#child.disconnect()
    await gone
  }

  async #ask(request: GeneratorRequest): Promise<GeneratorAnswer> {
    const answered = new Promise<GeneratorAnswer>((resolve) => {
      this.#child.once('message', (answer) => resolve(answer as GeneratorAnswer))
    })
    this.#child.send(request)
    const answer = await Promise.race([answered, this.#died])
    if (answer.kind === 'failed') throw new Error(`the generator failed: ${answer.message}`)
    return answer
  }
}

function checked<Result extends { readonly totals: Counts }>(
  { violations, violationCount }: Seen,
  result: Result,
): Result {
  const { sent, accepted, delivered } = result.totals
  if (violationCount > 0) throw new Error(`void, ${violationCount} times: ${violations.join('; ')}`)
  if (sent !== accepted || sent !== delivered) {
    throw new Error(`void: ${sent} sent, ${accepted} acknowledged, ${delivered} delivered`)
  }
  return result
}
