import type { presence as wire } from '@parley/proto'
import type { Logger } from '@parley/service-kit'

/** One presence process as a relay meets it. */
export interface PresenceProcess {
  /** host:port, for the log. */
  readonly address: string
  query(userIds: readonly Uint8Array[]): Promise<wire.QueryResponse>
}

interface Known {
  readonly process: PresenceProcess
  isReached: boolean
}

/**
 * Which of several presence processes a relay follows: the first that it reaches, and that one for
 * as long as it reaches it. All are fed by all relays, so any of them may be followed.
 */
export class PresenceProcesses {
  readonly #known: readonly Known[]
  readonly #log: Logger
  readonly #changed: () => void
  #followed: Known | undefined

  /** `changed` is called when another one is followed, or none can be. */
  constructor(processes: readonly PresenceProcess[], log: Logger, changed: () => void) {
    this.#known = processes.map((process) => ({ process, isReached: false }))
    this.#log = log
    this.#changed = changed
  }

  /** The one that is followed, while there is one. */
  get followed(): PresenceProcess | undefined {
    return this.#followed?.process
  }

  /** A process takes reports now, or does not any more. */
  reached(process: PresenceProcess, isReached: boolean): void {
    const known = this.#known.find((each) => each.process === process)
    if (known === undefined) return
    known.isReached = isReached
    if (isReached && this.#followed?.isReached !== true) this.#follow(known)
    if (!isReached && this.#followed === known) this.#follow(this.#nextOf(new Set([known])))
  }

  /**
   * States as the followed process says; as another one says, which is followed from then on, when
   * it does not answer. Rejects when none does.
   */
  async ask(userIds: readonly Uint8Array[]): Promise<wire.QueryResponse> {
    const tried = new Set<Known>()
    let failure: unknown
    for (let next = this.#nextOf(tried); next !== undefined; next = this.#nextOf(tried)) {
      tried.add(next)
      try {
        const answer = await next.process.query(userIds)
        // Meanwhile another one may be followed: two answers of two processes do not mix.
        if (this.#followed !== undefined && !tried.has(this.#followed)) continue
        if (this.#followed !== next) this.#follow(next)
        return answer
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }

  #nextOf(tried: ReadonlySet<Known>): Known | undefined {
    const open = this.#known.filter((each) => !tried.has(each))
    const isOpen = this.#followed !== undefined && open.includes(this.#followed)
    return (isOpen ? this.#followed : undefined) ?? open.find((each) => each.isReached) ?? open[0]
  }

  #follow(known: Known | undefined): void {
    this.#followed = known
    if (known === undefined) this.#log.info('no presence process takes reports')
    else this.#log.info({ address: known.process.address }, 'a presence process is followed')
    this.#changed()
  }
}
