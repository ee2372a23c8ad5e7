import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { AppError } from '@parley/errors'
import { systemScheduler, within } from '@parley/service-kit'
import type { Env } from '@parley/service-kit'
import { openLog } from './log-file.ts'
import type { Ending, Running } from './running.ts'

/** A service to run as a process. */
export interface ServiceLaunch {
  readonly name: string
  /** Path of its main module. */
  readonly program: string
  readonly env: Env
  /** Where its stderr goes. */
  readonly logFile: string
  /** How long it may take to get ready; 60 s unless told. */
  readonly readyLimitMs?: number
}

const defaultReadyLimitMs = 60_000
/** The exit code of a service that a restart cannot mend, see `exitCodes` of service-kit. */
const cannotStartCode = 78

/**
 * Runs a service on this process's Node and resolves when it says that it is ready. It ends when
 * this process does. Throws `AppError`: (precondition, SERVICE_REFUSED) when it will not start
 * however often it is tried, (unavailable, SERVICE_FAILED) otherwise, with its last words.
 */
export async function launchService(launch: ServiceLaunch, signal: AbortSignal): Promise<Running> {
  signal.throwIfAborted()
  const log = openLog(launch.logFile)
  const child = spawn(process.execPath, [launch.program], {
    env: { ...launch.env, PARLEY_PARENT_WATCH: '1' },
    // A process group of its own: Ctrl-C in the terminal reaches this process alone, which then
    // stops the others in order.
    detached: true,
    stdio: ['ignore', 'pipe', log.fd],
  })
  log.close()
  const ended = endOf(child)
  const abort = () => void child.kill('SIGKILL')
  signal.addEventListener('abort', abort, { once: true })
  try {
    const limitMs = launch.readyLimitMs ?? defaultReadyLimitMs
    const outcome = Promise.race([readyLine(child), ended])
    const first = await within(systemScheduler, limitMs, `starting ${launch.name}`, outcome)
    if ('addresses' in first) return running(child, first.addresses, ended)
    throw failure(launch, first, log.lastWords())
  } catch (error) {
    child.kill('SIGKILL')
    await ended
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

interface ReadyLine {
  readonly addresses: Readonly<Record<string, string>>
}

function readyLine(child: ChildProcess): Promise<ReadyLine> {
  return new Promise((resolve) => {
    if (!child.stdout) return
    const lines = createInterface({ input: child.stdout })
    lines.on('line', (line) => {
      const ready = parseReady(line)
      if (ready) resolve(ready)
    })
  })
}

function parseReady(line: string): ReadyLine | undefined {
  try {
    const parsed = JSON.parse(line) as { ready?: boolean; addresses?: ReadyLine['addresses'] }
    return parsed.ready && parsed.addresses ? { addresses: parsed.addresses } : undefined
  } catch {
    return undefined
  }
}

function endOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('error', () => resolve({ code: null, signal: null }))
    child.once('exit', (code, signal) => {
      // What the service itself had started (decoders) goes with it.
      signalGroup(child.pid)
      resolve({ code, signal })
    })
  })
}

function signalGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody is left in the group, as it should be.
  }
}

function running(
  child: ChildProcess,
  addresses: ReadyLine['addresses'],
  ended: Promise<Ending>,
): Running {
  return {
    pid: child.pid ?? 0,
    addresses,
    ended,
    signal: (name) => void child.kill(name),
  }
}

function failure(launch: ServiceLaunch, ending: Ending, words: string): AppError {
  const { name, logFile } = launch
  const lines = words.trim().split('\n').filter(Boolean)
  const plain = lines.filter((line) => !line.startsWith('{'))
  if (ending.code === cannotStartCode && plain.length > 0) {
    return new AppError('precondition', 'SERVICE_REFUSED', plain.join('\n'))
  }
  const why = loggedError(lines.at(-1)) ?? plain.at(-1) ?? `${ending.signal ?? ending.code}`
  const message = `${name} ended before it was ready: ${why} (see ${logFile})`
  return new AppError('unavailable', 'SERVICE_FAILED', message)
}

// A service that did not foresee its failure logs it as JSON, with a stack that is for the log file.
function loggedError(line: string | undefined): string | undefined {
  try {
    const { err, msg } = JSON.parse(line ?? '') as { err?: { message: string }; msg?: string }
    return err?.message ?? msg
  } catch {
    return undefined
  }
}
