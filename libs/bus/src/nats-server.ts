import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '@parley/errors'
import { delay, systemScheduler } from '@parley/service-kit'
import { programFolders } from './config.ts'
import { natsConfig } from './nats-config.ts'
import type { NatsRoutes } from './nats-config.ts'
import { busUsers } from './subjects.ts'
import type { BusUser } from './subjects.ts'

/** Where a nats-server of ours runs and who may use it. */
export interface NatsServerRequest {
  /** 0, the default, for any free one. */
  readonly port?: number
  /** A folder of its own, made if missing: configuration and state of the run. */
  readonly folder: string
  /** The services' own allow-lists unless told. */
  readonly users?: readonly BusUser[]
  /** Passwords to use again, for a restart that its clients survive; new random ones unless told. */
  readonly passwords?: Readonly<Record<string, string>>
  /** A server of a cluster; alone unless told. */
  readonly routes?: NatsRoutes
  /** Where to look for the program; PATH and the system's folders unless told. */
  readonly programFolders?: readonly string[]
}

/** A nats-server that takes connections. */
export interface NatsServer {
  readonly url: string
  readonly port: number
  /** Where other servers of the cluster meet it; 0 when it is alone. */
  readonly routePort: number
  readonly pid: number
  /** By user name. */
  readonly passwords: Readonly<Record<string, string>>
  /** Resolves when the process has ended, whoever ended it. */
  readonly ended: Promise<void>
  /** Ends it in order; by force after 5 s. */
  stop(): Promise<void>
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
}

const readyLimitMs = 10_000
const stopLimitMs = 5_000
const keptLogLines = 20

/**
 * Starts the system's nats-server on loopback, with one user per service. It does not outlive
 * this process. Throws `AppError` (precondition, NATS_SERVER_MISSING; unavailable,
 * NATS_SERVER_FAILED with its last words).
 */
export async function startNatsServer(request: NatsServerRequest): Promise<NatsServer> {
  const binary = programPath('nats-server', request.programFolders)
  if (!binary) throw missing()
  const { folder, users = busUsers, port = 0, routes } = request
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const passwords = request.passwords ?? newPasswords(users)
  const configPath = join(folder, 'nats-server.conf')
  // Removed first: an old file would keep its old permissions, and this one has passwords.
  await rm(configPath, { force: true })
  await writeFile(configPath, natsConfig({ port, folder, users, passwords, routes }), {
    mode: 0o600,
  })
  const child = launch(binary, configPath)
  const ports = await readyPorts(child, folder, routes !== undefined)
  return natsServer(child, ports, passwords)
}

/** The full path of a program that can be run, or undefined. */
export function programPath(
  name: string,
  folders: readonly string[] = programFolders(),
): string | undefined {
  const paths = folders.map((folder) => join(folder, name))
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

interface Launched {
  readonly process: ChildProcess
  readonly ended: Promise<void>
  readonly lastLines: () => string
}

// setpriv has the kernel end the server with us even when we are killed with -9; where it is
// missing, the server ends at its first log line after our death.
function launch(binary: string, configPath: string): Launched {
  const setpriv = programPath('setpriv')
  const command = [binary, '--config', configPath]
  const [program = binary, ...args] = setpriv
    ? [setpriv, '--pdeathsig', 'TERM', ...command]
    : command
  // A process group of its own: Ctrl-C in a terminal is for us, who then end it after its clients.
  const child = spawn(program, args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('close', () => resolve())
  })
  return { process: child, ended, lastLines: keepLastLines(child) }
}

function keepLastLines(child: ChildProcess): () => string {
  let lines: string[] = []
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lines = [...lines, ...text.split('\n').filter(Boolean)].slice(-keptLogLines)
  })
  return () => lines.join('\n')
}

interface Ports {
  readonly client: number
  readonly route: number
}

// The kernel chooses the ports and the server writes them down once it listens.
async function readyPorts(child: Launched, folder: string, isRouted: boolean): Promise<Ports> {
  let running = true
  void child.ended.then(() => (running = false))
  const untilMs = systemScheduler.monotonic() + readyLimitMs
  const portsFile = join(folder, `nats-server_${child.process.pid}.ports`)
  while (running && systemScheduler.monotonic() < untilMs) {
    const text = await readFile(portsFile, 'utf8').catch(() => '')
    const client = portIn(text, 'nats')
    const route = isRouted ? portIn(text, 'cluster') : 0
    if (client !== undefined && route !== undefined) return { client, route }
    await delay(systemScheduler, 10)
  }
  child.process.kill('SIGKILL')
  await child.ended
  const message = `nats-server did not start:\n${child.lastLines()}`
  throw new AppError('unavailable', 'NATS_SERVER_FAILED', message)
}

function portIn(text: string, door: 'nats' | 'cluster'): number | undefined {
  const found = new RegExp(`"${door}":\\s*\\[\\s*"[a-z-]+://127\\.0\\.0\\.1:(\\d+)"`).exec(text)
  return found ? Number(found[1]) : undefined
}

function natsServer(
  child: Launched,
  ports: Ports,
  passwords: Readonly<Record<string, string>>,
): NatsServer {
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    // A stopped process (SIGSTOP) takes no SIGTERM; force follows.
    child.process.kill(signal)
    const force = systemScheduler.setTimer(stopLimitMs, () => child.process.kill('SIGKILL'))
    await child.ended
    force.cancel()
  }
  return {
    url: `nats://127.0.0.1:${ports.client}`,
    port: ports.client,
    routePort: ports.route,
    pid: child.process.pid ?? 0,
    passwords,
    ended: child.ended,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  }
}

function newPasswords(users: readonly BusUser[]): Record<string, string> {
  const password = () => Buffer.from(systemScheduler.randomBytes(24)).toString('base64url')
  return Object.fromEntries(users.map((user) => [user.name, password()]))
}

function missing(): AppError {
  const message =
    'nats-server is not installed: get it from your system, for example apt-get install nats-server'
  return new AppError('precondition', 'NATS_SERVER_MISSING', message)
}
