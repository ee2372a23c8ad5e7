import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { freePort } from '../free-port.ts'
import { bootstrapTables } from './bootstrap.ts'
import { startProcess } from './server-process.ts'
import type { ServerProcess } from './server-process.ts'

/** How a MariaDB for tests is made. */
export interface MariadbOptions {
  /** Where its tables lie: an empty folder, or that of an earlier one. A new one unless told. */
  readonly folder?: string
  /** Further settings, as on the command line: `--innodb-log-file-size=8M`. */
  readonly settings?: readonly string[]
  /** Folders to look for the program in; the system's unless told. */
  readonly programFolders?: readonly string[]
}

/** A real MariaDB on loopback that belongs to a test. */
export interface Mariadb {
  readonly port: number
  /** Of the process that runs now or ran last. */
  readonly pid: number
  readonly folder: string
  /** Where the database of that name is reached; it need not exist. `myim` unless told. */
  url(database?: string): string
  /** Where a database is reached whose name nobody has had. */
  freshUrl(): string
  /** Ends it in order and keeps the tables. */
  stop(): Promise<void>
  /** Ends it at once, as a crash would, and keeps the tables. */
  kill(): Promise<void>
  /** Starts it again on the same port. */
  start(): Promise<void>
  /** Stops it where it stands (SIGSTOP). */
  pause(): void
  /** Lets it go on. */
  resume(): void
  /** Ends it, and removes the folder unless it was given. */
  close(): Promise<void>
}

const folders = ['/usr/sbin', '/usr/local/sbin', '/usr/bin', '/usr/local/bin']
const shareFolder = '/usr/share/mysql'
const user = 'parley'
const portTries = 3

/** Starts Debian's mariadbd with tables of its own, in about half a second; fails when it is missing. */
export async function startMariadb(options: MariadbOptions = {}): Promise<Mariadb> {
  const program = (options.programFolders ?? folders)
    .map((folder) => join(folder, 'mariadbd'))
    .find((path) => existsSync(path))
  if (program === undefined) throw new Error('mariadbd is missing: install mariadb-server-core')
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'parley-mariadb-')))
  const tables = join(folder, 'tables')
  const settings = settingsOf(tables, options.settings ?? [])
  const password = await passwordOf(folder)
  if (!existsSync(tables)) {
    await mkdir(tables, { mode: 0o700 })
    const made = { program, folder: tables, arguments: settings, shareFolder, user, password }
    await bootstrapTables(made)
  }
  const first = await startOnFreePort(program, settings)
  const given = options.folder !== undefined
  return mariadb(program, settings, { ...first, folder, password, given })
}

// Beside the tables, for a later start on the same ones.
async function passwordOf(folder: string): Promise<string> {
  const path = join(folder, 'password')
  if (existsSync(path)) return readFile(path, 'utf8')
  const password = randomBytes(12).toString('hex')
  await writeFile(path, password, { mode: 0o600 })
  return password
}

function settingsOf(tables: string, more: readonly string[]): string[] {
  return [
    '--no-defaults',
    `--datadir=${tables}`,
    // A server that starts removes what others have in the same one.
    `--tmpdir=${dirname(tables)}`,
    `--user=${userInfo().username}`,
    '--bind-address=127.0.0.1',
    `--socket=${join(tables, 'mariadb.sock')}`,
    `--pid-file=${join(tables, 'mariadb.pid')}`,
    '--skip-name-resolve',
    '--innodb-buffer-pool-size=64M',
    '--innodb-log-file-size=48M',
    '--max-connections=300',
    ...more,
  ]
}

interface Started {
  readonly process: ServerProcess
  readonly port: number
}

// mariadbd takes no port 0, and a port that was free a moment ago may be gone.
async function startOnFreePort(program: string, settings: readonly string[]): Promise<Started> {
  for (let tries = 1; ; tries += 1) {
    const port = await freePort()
    try {
      return { process: await startProcess(program, [...settings, `--port=${port}`]), port }
    } catch (error) {
      const taken = error instanceof Error && error.message.includes('bind on TCP/IP port')
      if (!taken || tries === portTries) throw error
    }
  }
}

interface Running extends Started {
  readonly folder: string
  readonly password: string
  readonly given: boolean
}

function mariadb(program: string, settings: readonly string[], first: Running): Mariadb {
  const { port, folder, password } = first
  let process = first.process
  let names = 0
  const url = (database = 'myim') => `mysql://${user}:${password}@127.0.0.1:${port}/${database}`
  return {
    port,
    folder,
    get pid() {
      return process.pid
    },
    url,
    freshUrl: () => url(`myim_${(names += 1)}`),
    stop: () => process.end('SIGTERM'),
    kill: () => process.end('SIGKILL'),
    async start() {
      process = await startProcess(program, [...settings, `--port=${port}`])
    },
    pause: () => process.pause(),
    resume: () => process.resume(),
    async close() {
      await process.end('SIGKILL')
      if (!first.given) await rm(folder, { recursive: true, force: true })
    },
  }
}
