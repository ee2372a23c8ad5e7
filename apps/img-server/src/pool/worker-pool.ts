import { AppError } from '@parley/errors'
import type { Scheduler } from '@parley/service-kit'
import type { WorkerJob } from '../worker/protocol.ts'
import { WorkerEnded, WorkerProcess } from './worker-process.ts'
import type { WorkerAnswer, WorkerEnd, WorkerLimits } from './worker-process.ts'

/** How many workers there are, how many images may wait for one, and what one may take. */
export interface PoolOptions extends WorkerLimits {
  readonly workers: number
  readonly maxWaiting: number
  /** A worker that holds more than this after an image is replaced: its allocator is fragmented. */
  readonly recycleBytes: number
  /** The worker's file. */
  readonly program: string
}

/** What the pool has to tell; one call per fact. */
export interface PoolEvents {
  workerEnded(why: WorkerEnd, error: Error): void
}

/** What the service asks; the pool numbers it. */
export type PoolJob = Omit<WorkerJob, 'kind' | 'id'>

interface Waiting {
  resolve(worker: WorkerProcess): void
  reject(error: AppError): void
}

const retryAfterMs = 5_000

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
  readonly #waiting: Waiting[] = []
  #jobs = 0
  #closed = false

  constructor(options: PoolOptions, scheduler: Scheduler, events: PoolEvents) {
    this.#options = options
    this.#scheduler = scheduler
    this.#events = events
    while (this.#workers.size < options.workers) this.#idle.push(this.#start())
  }

  /** Images that wait for a worker. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Process ids of the workers that live, for tests. */
  get pids(): number[] {
    return [...this.#workers].flatMap(({ alive, pid }) => (alive && pid !== undefined ? [pid] : []))
  }

  /**
   * Has one image re-encoded. Throws `AppError`: unprocessable IMAGE_TOO_COSTLY when its worker had
   * to be killed or died, unavailable IMAGE_QUEUE_FULL or IMAGE_WORKERS_AWAY when a repeat may do.
   */
  async run(job: PoolJob): Promise<WorkerAnswer> {
    const worker = await this.#take()
    this.#jobs += 1
    try {
      return await worker.run({ ...job, kind: 'job', id: this.#jobs })
    } catch (error) {
      throw this.#failureOf(error)
    } finally {
      this.#giveBack(worker)
    }
  }

  /** Ends every worker, whatever it does; resolves when all are gone. */
  async close(): Promise<void> {
    this.#closed = true
    for (const waiting of this.#waiting.splice(0)) waiting.reject(workersAway())
    const workers = [...this.#workers]
    for (const worker of workers) worker.kill('closed')
    await Promise.all(workers.map((worker) => worker.exited))
  }

  #take(): Promise<WorkerProcess> {
    if (this.#closed) return Promise.reject(workersAway())
    const idle = this.#idle.pop()
    if (idle) return Promise.resolve(this.#revived(idle))
    if (this.#waiting.length >= this.#options.maxWaiting) return Promise.reject(queueFull())
    const waiting = Promise.withResolvers<WorkerProcess>()
    this.#waiting.push(waiting)
    return waiting.promise
  }

  #giveBack(worker: WorkerProcess): void {
    if (this.#closed) return
    if (worker.residentBytes() > this.#options.recycleBytes) worker.kill('closed')
    const next = this.#waiting.shift()
    if (next) next.resolve(this.#revived(worker))
    else this.#idle.push(this.#revived(worker))
  }

  // An idle worker that died is noticed here, when it is wanted: a program that cannot start then
  // costs one attempt per image and never spins.
  #revived(worker: WorkerProcess): WorkerProcess {
    return worker.alive ? worker : this.#start()
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
    if (error.why === 'closed' || error.why === 'no-start') return workersAway(error)
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
