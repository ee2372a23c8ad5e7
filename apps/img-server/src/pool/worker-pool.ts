import { AppError } from '@parley/errors'
import type { Scheduler } from '@parley/service-kit'
import type { WorkerJob } from '../worker/protocol.ts'
import { Rest } from './rest.ts'
import { Turns } from './turns.ts'
import { WorkerEnded, WorkerProcess } from './worker-process.ts'
import type { WorkerAnswer, WorkerEnd, WorkerLimits } from './worker-process.ts'

/** How many workers there are, how many images may wait for one, and what one may take. */
export interface PoolOptions extends WorkerLimits {
  readonly workers: number
  readonly maxWaiting: number
  /** How many of them may be of one user. */
  readonly maxWaitingOfUser: number
  /** A worker that holds more than this after an image is replaced: its allocator is fragmented. */
  readonly recycleBytes: number
  /** The worker's file. */
  readonly program: string
  /** How long no start is tried after one that failed; doubled each time, up to `maxRestMs`. */
  readonly restMs: number
  readonly maxRestMs: number
}

/** What the pool has to tell; one call per fact. */
export interface PoolEvents {
  workerEnded(why: WorkerEnd, error: Error): void
  /** This machine has no `prlimit`: what the kernel would bound is only looked at. */
  workersUnlimited(): void
}

/** What the service asks; the pool numbers it. */
export type PoolJob = Omit<WorkerJob, 'kind' | 'id'>

const retryAfterMs = 5_000

// The image was not even looked at.
const blameless: ReadonlySet<WorkerEnd> = new Set(['closed', 'no-start', 'unsent'])

/**
 * A few processes that re-encode images, one each at a time. Whatever a process does, only the
 * image it was given suffers; the next gets a fresh one.
 */
export class WorkerPool {
  readonly #options: PoolOptions
  readonly #scheduler: Scheduler
  readonly #events: PoolEvents
  readonly #workers = new Set<WorkerProcess>()
  readonly #idle: WorkerProcess[] = []
  readonly #turns: Turns
  readonly #rest: Rest
  #jobs = 0
  #closed = false

  constructor(options: PoolOptions, scheduler: Scheduler, events: PoolEvents) {
    this.#options = options
    this.#scheduler = scheduler
    this.#events = events
    this.#turns = new Turns({ ...options, places: options.workers })
    this.#rest = new Rest(options.restMs, options.maxRestMs)
    if (options.prlimit === undefined) events.workersUnlimited()
    while (this.#workers.size < options.workers) this.#idle.push(this.#start())
  }

  /** Images that wait for a worker. */
  get waiting(): number {
    return this.#turns.waiting
  }

  /** Process ids of the workers that live, for tests. */
  get pids(): number[] {
    return [...this.#workers].flatMap(({ alive, pid }) => (alive && pid !== undefined ? [pid] : []))
  }

  /**
   * Has one image of a user re-encoded. Throws `AppError`: unprocessable IMAGE_TOO_COSTLY when its
   * worker had to be killed or died, unavailable IMAGE_QUEUE_FULL or IMAGE_WORKERS_AWAY when a
   * repeat may do. `prepare` runs when it is this image's turn: of what it writes there is no more
   * at once than there are workers.
   */
  async run(
    job: PoolJob,
    user: string,
    prepare: () => Promise<void> = async () => undefined,
  ): Promise<WorkerAnswer> {
    if (this.#closed) throw workersAway()
    const turn = this.#turns.take(user)
    if (!turn) throw queueFull()
    await turn
    try {
      await prepare()
      return await this.#runNow(job)
    } finally {
      this.#turns.end(user)
    }
  }

  /** Ends every worker, whatever it does; resolves when all are gone. */
  async close(): Promise<void> {
    this.#closed = true
    this.#turns.clear(workersAway())
    const workers = [...this.#workers]
    for (const worker of workers) worker.kill('closed')
    await Promise.all(workers.map((worker) => worker.exited))
  }

  async #runNow(job: PoolJob): Promise<WorkerAnswer> {
    const worker = this.#take()
    this.#jobs += 1
    try {
      const answer = await worker.run({ ...job, kind: 'job', id: this.#jobs })
      this.#rest.end()
      return answer
    } catch (error) {
      throw this.#failureOf(error)
    } finally {
      this.#giveBack(worker)
    }
  }

  // An idle worker that died is noticed here, when it is wanted: a program that cannot start then
  // costs one attempt per image, and none while it rests.
  #take(): WorkerProcess {
    if (this.#closed) throw workersAway()
    const idle = this.#idle.pop()
    if (idle?.alive) return idle
    if (this.#rest.leftMs(this.#scheduler.monotonic()) > 0) throw workersAway()
    return this.#start()
  }

  #giveBack(worker: WorkerProcess): void {
    if (this.#closed) return
    if (worker.residentBytes() > this.#options.recycleBytes) worker.kill('closed')
    if (worker.alive) return void this.#idle.push(worker)
    if (this.#rest.leftMs(this.#scheduler.monotonic()) === 0) this.#idle.push(this.#start())
  }

  #start(): WorkerProcess {
    const worker = new WorkerProcess(this.#options.program, this.#options, this.#scheduler)
    this.#workers.add(worker)
    void worker.exited.then(() => this.#workers.delete(worker))
    return worker
  }

  #failureOf(error: unknown): unknown {
    if (!(error instanceof WorkerEnded)) return error
    this.#events.workerEnded(error.why, error)
    if (error.why === 'no-start') this.#rest.begin(this.#scheduler.monotonic())
    if (blameless.has(error.why)) return workersAway(error)
    const words = 'the image takes too much time or memory to process, or is broken'
    return new AppError('unprocessable', 'IMAGE_TOO_COSTLY', words, { cause: error })
  }
}

function queueFull(): AppError {
  const words = 'too many images are waiting to be processed'
  return new AppError('unavailable', 'IMAGE_QUEUE_FULL', words, { retryAfterMs })
}

function workersAway(cause?: Error): AppError {
  const words = 'images cannot be processed right now'
  return new AppError('unavailable', 'IMAGE_WORKERS_AWAY', words, { retryAfterMs, cause })
}
