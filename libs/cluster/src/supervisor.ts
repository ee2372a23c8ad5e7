import { isAppError } from '@parley/errors'
import { Backoff, systemScheduler, within } from '@parley/service-kit'
import type { Scheduler, Timer } from '@parley/service-kit'
import type { Ending, Launch, Running } from './running.ts'

/** What a supervisor has to tell. */
export type SupervisorEvent =
  /** It is up, for the first time when `run` is 1. */
  | { readonly type: 'up'; readonly running: Running; readonly run: number }
  /** It ended although nobody had asked it to stop. */
  | { readonly type: 'ended'; readonly ending: Ending }
  | { readonly type: 'restarting'; readonly inMs: number }
  | { readonly type: 'failed'; readonly error: unknown }
  /** It will not be started again. */
  | { readonly type: 'given-up' }

/** How a supervisor behaves. */
export interface SupervisorOptions {
  /** `backoff`: what dies is started again; `manual`: only `start` does that. */
  readonly restart: 'backoff' | 'manual'
  readonly tell: (event: SupervisorEvent) => void
  readonly scheduler?: Scheduler
  /** How long an orderly stop may take before it is forced; 15 s unless told. */
  readonly stopLimitMs?: number
}

const restartBackoff = { baseMs: 500, capMs: 10_000 }
/** After being up so long, the next death starts with a short delay again. */
const provenAfterMs = 30_000
/** So many refusals in a row to start (a taken port, a folder in use) and it is given up. */
const maxRefusals = 5
const defaultStopLimitMs = 15_000

/** Keeps one program running. */
export class Supervisor {
  readonly #launch: Launch
  readonly #options: SupervisorOptions
  readonly #scheduler: Scheduler
  readonly #backoff: Backoff
  readonly #aborter = new AbortController()
  #running: Running | undefined
  #starting: Promise<Running> | undefined
  #timer: Timer | undefined
  #runs = 0
  #refusals = 0
  #stopping = false

  constructor(launch: Launch, options: SupervisorOptions) {
    this.#launch = launch
    this.#options = options
    this.#scheduler = options.scheduler ?? systemScheduler
    this.#backoff = new Backoff(this.#scheduler, restartBackoff)
  }

  /** The run that is up now, if any. */
  get running(): Running | undefined {
    return this.#running
  }

  /** Starts it now unless it is up; rejects when it does not come up. */
  start(): Promise<Running> {
    if (this.#running) return Promise.resolve(this.#running)
    this.#timer?.cancel()
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  /** Sends it a signal and, if that is one that ends it, resolves when it is gone. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const running = this.#running
    if (!running) return
    running.signal(signal)
    if (signal === 'SIGKILL' || signal === 'SIGTERM' || signal === 'SIGINT') await running.ended
  }

  /** Ends it in order, by force when that takes too long, for good. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#timer?.cancel()
    this.#aborter.abort()
    await this.#starting?.catch(() => undefined)
    const running = this.#running
    if (!running) return
    // One that is halted takes no other signal.
    running.signal('SIGCONT')
    running.signal('SIGTERM')
    const limitMs = this.#options.stopLimitMs ?? defaultStopLimitMs
    await within(this.#scheduler, limitMs, 'stopping', running.ended).catch(() => {
      running.signal('SIGKILL')
    })
    await running.ended
  }

  async #start(): Promise<Running> {
    const running = await this.#launch(this.#aborter.signal)
    this.#running = running
    this.#runs += 1
    this.#refusals = 0
    const upSinceMs = this.#scheduler.monotonic()
    void running.ended.then((ending) => this.#ended(ending, upSinceMs))
    this.#options.tell({ type: 'up', running, run: this.#runs })
    return running
  }

  #ended(ending: Ending, upSinceMs: number): void {
    this.#running = undefined
    if (this.#stopping) return
    if (this.#scheduler.monotonic() - upSinceMs >= provenAfterMs) this.#backoff.reset()
    this.#options.tell({ type: 'ended', ending })
    if (this.#options.restart === 'backoff') this.#restartLater()
  }

  #restartLater(): void {
    const inMs = this.#backoff.next()
    this.#options.tell({ type: 'restarting', inMs })
    this.#timer = this.#scheduler.setTimer(inMs, () => {
      this.start().catch((error: unknown) => this.#failed(error))
    })
  }

  #failed(error: unknown): void {
    if (this.#stopping) return
    this.#options.tell({ type: 'failed', error })
    const refused = isAppError(error) && error.kind === 'precondition'
    this.#refusals = refused ? this.#refusals + 1 : 0
    if (this.#refusals >= maxRefusals) return this.#options.tell({ type: 'given-up' })
    this.#restartLater()
  }
}
