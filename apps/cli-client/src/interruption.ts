import { AppError } from '@parley/errors'
import { exitCodes } from './exit-code.ts'

/** The process as far as it can be interrupted. */
export interface Interruptible {
  on(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown
  exit(code: number): unknown
  readonly stdout: {
    on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown
  }
}

/** Why a command should stop before it is done. */
export interface Interruption {
  readonly signal: AbortSignal
  /** Nobody reads what would still be printed: a clean end. */
  readonly readerLeft: () => boolean
  /** Why what was printed is not where it should be. */
  readonly outputFailure: () => AppError | undefined
}

/** Turns Ctrl-C, termination and a reader that leaves (`| head`) into one signal; a second Ctrl-C ends the process at once. */
export function interruption(proc: Interruptible): Interruption {
  const controller = new AbortController()
  let left = false
  let failure: AppError | undefined
  const stop = () => {
    if (controller.signal.aborted) proc.exit(exitCodes.interrupted)
    controller.abort(new AppError('cancelled', 'INTERRUPTED', 'interrupted'))
  }
  proc.on('SIGINT', stop)
  proc.on('SIGTERM', stop)
  proc.on('SIGHUP', stop)
  proc.stdout.on('error', (error) => {
    if (error.code === 'EPIPE') {
      left = true
      controller.abort(new AppError('cancelled', 'READER_LEFT', 'nobody reads the output'))
      return
    }
    const message = `the output cannot be written: ${error.message}`
    failure ??= new AppError('exhausted', 'OUTPUT_FAILED', message, { cause: error })
    controller.abort(failure)
  })
  return { signal: controller.signal, readerLeft: () => left, outputFailure: () => failure }
}

/** What `work` resolves to, or the signal's reason as soon as it aborts. */
export function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(reasonOf(signal))
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

function reasonOf(signal: AbortSignal): Error {
  const { reason } = signal as { reason: unknown }
  return reason instanceof Error ? reason : new AppError('cancelled', 'INTERRUPTED', 'interrupted')
}
