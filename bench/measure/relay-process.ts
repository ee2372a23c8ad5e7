import { openSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Env } from '@parley/service-kit'
import { startPinned, stopPinned } from './pinned.ts'

/** A relay as a process of its own, on its own data folder. */
export interface RelayProcess {
  readonly pid: number
  /** `host:port` of the public door. */
  readonly address: string
  readonly database: string
  stop(): Promise<void>
}

/** How a relay is started. */
export interface RelayLaunch {
  readonly program: string
  /** Undefined for any. */
  readonly core: number | undefined
  readonly folder: string
  /** For Node, for example to take a profile. */
  readonly nodeArgs: readonly string[]
  /** What it is told besides: its place among several. */
  readonly env?: Env
}

/** What the relay is told besides where to live; 200 people register from one address. */
export const relaySettings = {
  NATS_URL: 'memory:',
  RATE_FACTOR: '1000',
  LOG_LEVEL: 'info',
} as const

/** Starts the real relay, without other services; with the bus inside unless told otherwise. */
export async function startRelayProcess(launch: RelayLaunch): Promise<RelayProcess> {
  const { program, core, folder, nodeArgs, env } = launch
  const dataDir = path.join(folder, 'relay')
  const log = path.join(folder, 'relay.log')
  const child = startPinned({
    core,
    args: [...nodeArgs, program],
    env: {
      ...relaySettings,
      ...env,
      PORT: '0',
      INTERNAL_PORT: '0',
      DATA_DIR: dataDir,
      PARLEY_PARENT_WATCH: '1',
    },
    stdio: ['ignore', 'pipe', openSync(log, 'a')],
  })
  const { stdout, pid } = child
  if (stdout === null || pid === undefined) throw new Error('the relay cannot be started')
  for await (const line of createInterface({ input: stdout })) {
    const ready = JSON.parse(line) as { addresses: { public: string } }
    const database = path.join(dataDir, 'myim.sqlite')
    return { pid, address: ready.addresses.public, database, stop: () => stopPinned(child) }
  }
  throw new Error(`the relay did not start: ${readFileSync(log, 'utf8').slice(-2000)}`)
}
