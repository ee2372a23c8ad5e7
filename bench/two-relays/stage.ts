import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { programPath, startNatsServer } from '@parley/bus/nats-server'
import type { NatsServer } from '@parley/bus/nats-server'
import type { Env } from '@parley/service-kit'
import { startMariadb } from '@parley/testkit/mariadb'
import type { Mariadb } from '@parley/testkit/mariadb'
import { GeneratorProcess } from '../chat/generator-process.ts'
import { startRelayProcess } from '../measure/relay-process.ts'
import type { RelayProcess } from '../measure/relay-process.ts'

/** As a deployment would: each commit is on disk before it is acknowledged, and tables fit in memory. */
export const mariadbSettings = [
  '--innodb-flush-log-at-trx-commit=1',
  '--innodb-buffer-pool-size=256M',
  '--innodb-log-file-size=256M',
] as const

const relayProgram = path.join(import.meta.dirname, '../../apps/relay/src/main.ts')

/** One or two relays on a database of their own, and the people who use them. */
export interface Subject {
  readonly name: string
  /** Senders are at the first, receivers at the last. */
  readonly relays: readonly RelayProcess[]
  readonly people: GeneratorProcess
  readonly mysqlUrl: string
  /** Processes whose CPU time counts, by name. */
  readonly pids: Readonly<Record<string, number>>
  stop(): Promise<void>
}

/** What all subjects share: one database server and one bus. */
export interface Stage {
  readonly mariadb: Mariadb
  readonly nats: NatsServer
  readonly natsVersion: string
  close(): Promise<void>
}

/** Starts a real MariaDB and a real nats-server. */
export async function openStage(folder: string): Promise<Stage> {
  const tables = path.join(folder, 'mariadb')
  mkdirSync(tables)
  const mariadb = await startMariadb({ folder: tables, settings: mariadbSettings })
  try {
    const nats = await startNatsServer({ folder: path.join(folder, 'nats') })
    const close = async () => {
      await nats.stop()
      await mariadb.stop()
    }
    return { mariadb, nats, natsVersion: natsVersion(), close }
  } catch (error) {
    await mariadb.stop()
    throw error
  }
}

/** What a subject is made of. */
export interface SubjectRequest {
  readonly name: string
  readonly relays: number
  readonly folder: string
  readonly nodeArgs: readonly string[]
}

/** Starts relays that share a database, the bus and a key. */
export async function startSubject(stage: Stage, request: SubjectRequest): Promise<Subject> {
  const mysqlUrl = stage.mariadb.freshUrl()
  const env = {
    NATS_URL: stage.nats.url,
    NATS_USER: 'relay',
    NATS_PASSWORD: stage.nats.passwords['relay'],
    MYSQL_URL: mysqlUrl,
    INTERNAL_KEY: randomBytes(32).toString('hex'),
  }
  const relays = await startRelays(request, env)
  const people = new GeneratorProcess(undefined)
  const stop = async () => {
    await people.stop()
    await stopAll(relays)
  }
  return { name: request.name, relays, people, mysqlUrl, pids: pidsOf(stage, relays), stop }
}

async function startRelays(request: SubjectRequest, env: Env): Promise<RelayProcess[]> {
  const relays: RelayProcess[] = []
  try {
    for (let i = 1; i <= request.relays; i += 1) {
      const folder = path.join(request.folder, `${request.name} ${i}`)
      mkdirSync(folder)
      const launch = { program: relayProgram, core: undefined, folder, env }
      relays.push(await startRelayProcess({ ...launch, nodeArgs: request.nodeArgs }))
    }
    return relays
  } catch (error) {
    await stopAll(relays)
    throw error
  }
}

async function stopAll(relays: readonly RelayProcess[]): Promise<void> {
  await Promise.all(relays.map((relay) => relay.stop()))
}

function natsVersion(): string {
  const program = programPath('nats-server') ?? 'nats-server'
  return execFileSync(program, ['--version'], { encoding: 'utf8' }).trim()
}

function pidsOf({ mariadb, nats }: Stage, relays: readonly RelayProcess[]) {
  const each = relays.map(({ pid }, i): [string, number] => [`relay ${i + 1}`, pid])
  return Object.fromEntries([...each, ['mariadb', mariadb.pid], ['nats', nats.pid]])
}
