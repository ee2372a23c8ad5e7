import { isAppError } from '@parley/errors'
import type { AppError } from '@parley/errors'
import { currentEnv, endsWithParent } from './config.ts'
import type { Env } from './load-env.ts'
import { createLogger } from './logger.ts'
import type { LogLevel, Logger } from './logger.ts'
import { askedToStop } from './stop-request.ts'

/** A service that is up. */
export interface RunningService {
  /** `host:port` of each door, by its name: `public`, `internal`. */
  readonly addresses: Readonly<Record<string, string>>
  /** Stops it, finishing what has begun. */
  close(): Promise<void>
}

/** What makes a service a process. */
export interface ServiceProcess<C extends { readonly logLevel: LogLevel }> {
  readonly name: string
  readonly loadConfig: (env: Env) => C
  readonly start: (config: C, log: Logger) => Promise<RunningService>
  /** Time to stop in, after which the process ends anyway; 10 s unless told. */
  readonly stopLimitMs?: number
}

/** How a process ends: 0 stopped as asked, the others as named. */
export const exitCodes = { stopFailed: 1, crashed: 70, cannotStart: 78 } as const

const defaultStopLimitMs = 10_000
const ownerOnlyMask = 0o077

// What a restart cannot mend; a supervisor should give up and show the line.
const lastingKinds: ReadonlySet<string> = new Set([
  'invalid',
  'conflict',
  'precondition',
  'forbidden',
])

/**
 * Runs a service as this process, whose files nobody else can read: starts it, prints the one ready line on stdout, stops it once on
 * SIGTERM, SIGINT or the parent's death, and ends the process with one of `exitCodes`.
 */
export async function runService<C extends { readonly logLevel: LogLevel }>(
  service: ServiceProcess<C>,
): Promise<void> {
  // Whatever a library makes on disk, such as a database and its log, is the owner's alone.
  process.umask(ownerOnlyMask)
  dieLoudly(createLogger(service.name))
  const stop = askedToStop(endsWithParent(currentEnv()))
  const limitMs = service.stopLimitMs ?? defaultStopLimitMs
  void stop.then(() => endAfter(limitMs, service.name))
  const started = await startOrExit(service)
  process.stdout.write(`${readyLine(service.name, started.running.addresses)}\n`)
  const why = await stop
  started.log.info({ why }, 'stopping')
  await closeAndExit(started.running, started.log)
}

interface Started {
  readonly running: RunningService
  readonly log: Logger
}

async function startOrExit<C extends { readonly logLevel: LogLevel }>(
  service: ServiceProcess<C>,
): Promise<Started> {
  try {
    const config = service.loadConfig(currentEnv())
    const log = createLogger(service.name, config.logLevel)
    return { running: await service.start(config, log), log }
  } catch (error) {
    if (isAppError(error)) return exitPlainly(service.name, error)
    createLogger(service.name).fatal({ err: error }, 'service could not start')
    return process.exit(exitCodes.crashed)
  }
}

// What the operator can mend gets words, not a stack in JSON.
function exitPlainly(name: string, error: AppError): never {
  process.stderr.write(`${name} cannot start: ${error.message} (${error.reason})\n`)
  return process.exit(lastingKinds.has(error.kind) ? exitCodes.cannotStart : exitCodes.crashed)
}

async function closeAndExit(running: RunningService, log: Logger): Promise<never> {
  try {
    await running.close()
  } catch (error) {
    log.error({ err: error }, 'service did not stop cleanly')
    return process.exit(exitCodes.stopFailed)
  }
  log.info('stopped')
  return process.exit(0)
}

function endAfter(limitMs: number, name: string): void {
  const end = () => {
    createLogger(name).fatal({ limitMs }, 'service did not stop in time')
    process.exit(exitCodes.stopFailed)
  }
  setTimeout(end, limitMs).unref()
}

function dieLoudly(log: Logger): void {
  const die = (error: unknown) => {
    log.fatal({ err: error }, 'unexpected failure, the process ends')
    process.exit(exitCodes.crashed)
  }
  process.on('uncaughtException', die)
  process.on('unhandledRejection', die)
}

function readyLine(service: string, addresses: Readonly<Record<string, string>>): string {
  return JSON.stringify({ ready: true, service, addresses })
}
