import { keyMetadata, openClient, serviceKeyHeader } from '@parley/grpc-kit'
import { presence as wire } from '@parley/proto'
import { createLogger, systemScheduler, uuidv7 } from '@parley/service-kit'
import { onTestFinished } from 'vitest'
import { loadConfig } from './config.ts'
import { startPresence } from './presence.ts'

/** The service key of the tests. */
export const key = 'k'.repeat(32)

/** A real presence on a free port and a client of it, both gone when the test ends. */
export async function setup(env: Readonly<Record<string, string>> = {}) {
  const lines: { level: number; msg: string }[] = []
  const write = (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number])
  const log = createLogger('presence', 'trace', { write })
  const defaults = { INTERNAL_PORT: '0', INTERNAL_KEY: key, NATS_URL: 'memory:' }
  const service = await startPresence(loadConfig({ ...defaults, ...env }), log)
  onTestFinished(() => service.close())
  const address = service.addresses['internal'] ?? ''
  const connect = (metadata = keyMetadata(serviceKeyHeader, key)) => {
    const opened = openClient(wire.PresenceClient, address, { metadata })
    onTestFinished(() => opened.close())
    return opened
  }
  return { service, lines, log, connect, address, ...connect() }
}

/** What `setup` gives. */
export type World = Awaited<ReturnType<typeof setup>>

/** A relay's end of a stream of reports: each call of `report` is the next one. */
export function openRelay({ client }: Pick<World, 'client'>, relay = 'relay', bootId = newId()) {
  const stream = client.report(keyMetadata(serviceKeyHeader, key))
  onTestFinished(() => stream.cancel())
  const answers: wire.ReportResponse[] = []
  stream.on('data', (answer: wire.ReportResponse) => void answers.push(answer))
  /** The reason with which presence ended the stream. */
  const ended = new Promise<unknown>((resolve) => {
    stream.on('error', (error: RefusedCall) => resolve(error.metadata.get('parley-reason')[0]))
  })
  let number = 0
  const report = (more: Partial<wire.ReportRequest> = {}) => {
    const snapshot = number === 0
    number += 1
    stream.write({ bootId, relay, number, snapshot, more: false, devices: [], ...more })
  }
  return { stream, bootId, answers, report, ended }
}

interface RefusedCall extends Error {
  readonly metadata: { get(name: string): unknown[] }
}

/** A new id as it goes on the wire. */
export function newId(): Buffer {
  return Buffer.from(uuidv7(systemScheduler))
}

/** What a relay reports of one device. */
export function device(userId: Buffer, state: wire.State, clean = false): wire.DeviceState {
  return { userId, deviceId: newId(), state, clean }
}

/** What presence says of these users, in their order. */
export async function statesOf(
  { call }: Pick<World, 'call'>,
  userIds: Buffer[],
): Promise<wire.State[]> {
  return (await call.query({ userIds })).users.map((user) => user.state)
}
