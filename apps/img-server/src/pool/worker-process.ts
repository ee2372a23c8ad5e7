import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { AppError } from '@parley/errors'
import { within } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { parseWorkerMessage } from '../worker/protocol.ts'
import type { WorkerDone, WorkerFailed, WorkerJob, WorkerRefused } from '../worker/protocol.ts'
import { cpuMs } from './cpu-ms.ts'
import { residentBytes } from './resident-bytes.ts'

/** What one worker process may take before it is killed. */
export interface WorkerLimits {
  /** CPU time of one image, read every `watchPeriodMs`: a busy machine is no fault of an image. */
  readonly cpuLimitMs: number
  /** Wall time of one image. */
  readonly timeLimitMs: number
  /** Resident memory of the process, read every `watchPeriodMs`. */
  readonly residentLimitBytes: number
  /** Private memory asked for (RLIMIT_DATA); V8 alone reserves 650 MB of it. */
  readonly dataLimitBytes: number
  /** Largest file it can write. */
  readonly fileLimitBytes: number
  readonly watchPeriodMs: number
  readonly startLimitMs: number
  /** What tells the kernel of `dataLimitBytes` and `fileLimitBytes`; without it neither holds. */
  readonly prlimit: string | undefined
}

/** Why a worker did not answer: it died of the image it had, or before it got one. */
export type WorkerEnd = 'time' | 'memory' | 'crash' | 'nonsense' | 'no-start' | 'unsent' | 'closed'

/** What a worker says about its image. */
export type WorkerAnswer = WorkerDone | WorkerRefused | WorkerFailed

/** Thrown by `run` when the process ended instead of answering. */
export class WorkerEnded extends Error {
  readonly why: WorkerEnd

  constructor(why: WorkerEnd, lastWords: string) {
    super(`the image worker ended (${why})${lastWords === '' ? '' : `: ${plain(lastWords)}`}`)
    this.name = 'WorkerEnded'
    this.why = why
  }
}

const lastWordsChars = 500

// Decoders may quote the image there, and logs are read in terminals.
function plain(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').trim()
}

/** One child process that re-encodes one image at a time, and may be killed at any time. */
export class WorkerProcess {
  readonly #child: ChildProcess
  readonly #scheduler: Scheduler
  readonly #limits: WorkerLimits
  readonly #ready = Promise.withResolvers<void>()
  readonly #exited = Promise.withResolvers<void>()
  #answer: PromiseWithResolvers<WorkerAnswer> | undefined
  #jobId = 0
  #alive = true
  #why: WorkerEnd = 'crash'
  #lastWords = ''

  constructor(program: string, limits: WorkerLimits, scheduler: Scheduler) {
    this.#limits = limits
    this.#scheduler = scheduler
    this.#child = spawnLimited(program, limits)
    this.#ready.promise.catch(() => undefined)
    this.#child.on('message', (message) => this.#hear(message))
    // 'exit' may never come when the program could not be started at all.
    this.#child.on('error', () => this.kill('crash'))
    // A decoder that an image has taken over may close its channel and live on.
    this.#child.on('disconnect', () => this.kill('crash'))
    this.#child.on('exit', () => this.#end())
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-lastWordsChars)
    })
  }

  /** False once the process has ended or been killed. */
  get alive(): boolean {
    return this.#alive
  }

  /** Its process id, for tests and logs. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Resolves when the process is gone. */
  get exited(): Promise<void> {
    return this.#exited.promise
  }

  /** Memory it holds now; 0 where the system does not tell. */
  residentBytes(): number {
    return this.#child.pid === undefined ? 0 : residentBytes(this.#child.pid)
  }

  /** Gives it one image; rejects with `WorkerEnded` when the process ends before it answers. */
  async run(job: WorkerJob): Promise<WorkerAnswer> {
    await this.#started()
    if (!this.#alive) throw new WorkerEnded(this.#why, this.#lastWords)
    const answer = Promise.withResolvers<WorkerAnswer>()
    this.#answer = answer
    this.#jobId = job.id
    const { timeLimitMs, watchPeriodMs } = this.#limits
    const late = this.#scheduler.setTimer(timeLimitMs, () => this.kill('time'))
    const before = this.#cpuMs()
    const watch = this.#scheduler.every(watchPeriodMs, () => this.#watch(before))
    try {
      this.#child.send(job, (error) => {
        if (error) this.kill('unsent')
      })
      return await answer.promise
    } finally {
      late.cancel()
      watch.cancel()
      this.#answer = undefined
    }
  }

  /** Ends it at once; what it was doing is told `why`. */
  kill(why: WorkerEnd): void {
    if (!this.#alive) return
    this.#why = why
    // First: a signal that cannot be sent is told as one more 'error'.
    this.#end()
    this.#child.kill('SIGKILL')
  }

  async #started(): Promise<void> {
    const { startLimitMs } = this.#limits
    try {
      await within(this.#scheduler, startLimitMs, 'starting a worker', this.#ready.promise)
    } catch {
      this.kill('no-start')
      throw new WorkerEnded(this.#why === 'closed' ? 'closed' : 'no-start', this.#lastWords)
    }
  }

  #watch(cpuMsBefore: number): void {
    if (this.residentBytes() > this.#limits.residentLimitBytes) this.kill('memory')
    if (this.#cpuMs() - cpuMsBefore > this.#limits.cpuLimitMs) this.kill('time')
  }

  #cpuMs(): number {
    return this.#child.pid === undefined ? 0 : cpuMs(this.#child.pid)
  }

  #hear(raw: unknown): void {
    const message = parseWorkerMessage(raw)
    if (message?.kind === 'ready') return this.#ready.resolve()
    if (message?.id !== this.#jobId || !this.#answer) return this.kill('nonsense')
    this.#answer.resolve(message)
  }

  #end(): void {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) this.#exited.resolve()
    if (this.#child.pid === undefined) this.#exited.resolve()
    if (!this.#alive) return
    this.#alive = false
    const ended = new WorkerEnded(this.#why, this.#lastWords)
    this.#ready.reject(ended)
    this.#answer?.reject(ended)
  }
}

// No secret of ours reaches it: not the environment, no descriptor but its channel.
function spawnLimited(program: string, limits: WorkerLimits): ChildProcess {
  const node = [
    process.execPath,
    '--max-old-space-size=256',
    '--disable-warning=ExperimentalWarning',
  ]
  const [command, ...args] = [...limitedBy(limits), ...node, program]
  if (command === undefined) throw new AppError('internal', 'NO_COMMAND', 'no command to run')
  const env = { VIPS_BLOCK_UNTRUSTED: '1', VIPS_CONCURRENCY: '1', MALLOC_ARENA_MAX: '2' }
  return spawn(command, args, { env, cwd: '/', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
}

function limitedBy({ prlimit, dataLimitBytes, fileLimitBytes }: WorkerLimits): string[] {
  if (prlimit === undefined) return []
  return [prlimit, `--data=${dataLimitBytes}`, `--fsize=${fileLimitBytes}`, '--core=0']
}
