import { bidi, grpcService, openClient, startGrpcServer } from '@parley/grpc-kit'
import type { GrpcServer } from '@parley/grpc-kit'
import { presence as wire } from '@parley/proto'
import { systemScheduler, uuidv7 } from '@parley/service-kit'
import { eventually, recordingLogger } from '@parley/testkit'
import { afterEach, expect, test } from 'vitest'
import { Reporter } from './reporter.ts'

const closers: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

/** A presence that writes down what it is told. */
async function startPresence(port: number, reports: wire.ReportRequest[]): Promise<GrpcServer> {
  const ctx = { log: recordingLogger().log, scheduler: systemScheduler }
  const report = bidi<wire.ReportRequest, wire.ReportResponse>(ctx, async (requests, writer) => {
    for await (const request of requests) {
      reports.push(request)
      const { number } = request
      writer.offer({ number, instanceId: Buffer.alloc(16, 1), heartbeatMs: 200, leaseMs: 5_000 })
    }
  })
  const { report: method } = wire.PresenceService
  const services = [grpcService({ report: method }, { report })]
  return startGrpcServer({ host: '127.0.0.1', port, services, drainMs: 50 })
}

function startReporter(address: string, reached: boolean[]): Reporter {
  const peer = openClient(wire.PresenceClient, address)
  const reporter = new Reporter({
    scheduler: systemScheduler,
    relay: 'relay-1',
    bootId: uuidv7(systemScheduler),
    open: () => peer.client.report(),
    reached: (isReached) => void reached.push(isReached),
  })
  closers.push(
    () => peer.close(),
    () => reporter.close(),
  )
  return reporter
}

function device(mark: number, state: wire.State): wire.DeviceState {
  return { userId: Buffer.alloc(16, mark), deviceId: Buffer.alloc(16, mark), state, clean: true }
}

test('reports a snapshot, then changes, then that it lives', async () => {
  const reports: wire.ReportRequest[] = []
  const presence = await startPresence(0, reports)
  closers.push(() => presence.close())
  const reporter = startReporter(presence.address, [])
  reporter.note(device(1, wire.State.ONLINE))
  await eventually(() => expect(reports.length).toBeGreaterThanOrEqual(4))
  expect(reports[0]).toMatchObject({ number: 1, snapshot: true, more: false })
  const changes = reports.slice(1).flatMap((report) => report.devices)
  expect(changes).toEqual([device(1, wire.State.ONLINE)])
  expect(reports.map((report) => report.number)).toEqual(reports.map((_, i) => i + 1))
})

test('meets a presence that was away with a snapshot of who is here then', async () => {
  const [before, after, reached]: [wire.ReportRequest[], wire.ReportRequest[], boolean[]] = [
    [],
    [],
    [],
  ]
  const first = await startPresence(0, before)
  const reporter = startReporter(first.address, reached)
  for (const mark of [1, 2, 3]) reporter.note(device(mark, wire.State.ONLINE))
  await eventually(() => expect(reached).toEqual([true]))
  await first.close()
  await eventually(() => expect(reached).toEqual([true, false]))
  reporter.note(device(2, wire.State.OFFLINE))
  const second = await startPresence(first.port, after)
  closers.push(() => second.close())
  await eventually(() => expect(after.length).toBeGreaterThan(0))
  const [snapshot] = after
  expect(snapshot?.snapshot).toBe(true)
  expect(snapshot?.devices.map(({ userId }) => userId[0])).toEqual([1, 3])
})

test('splits a large snapshot into reports of at most 1,000 devices', async () => {
  const reports: wire.ReportRequest[] = []
  const presence = await startPresence(0, reports)
  const reporter = startReporter(presence.address, [])
  for (let i = 0; i < 2_500; i += 1) {
    const id = Buffer.alloc(16)
    id.writeUInt32BE(i)
    reporter.note({ userId: id, deviceId: id, state: wire.State.ONLINE, clean: false })
  }
  await eventually(() => expect(reports.length).toBeGreaterThan(0))
  await presence.close()
  const again: wire.ReportRequest[] = []
  const second = await startPresence(presence.port, again)
  closers.push(() => second.close())
  await eventually(() => expect(again.length).toBeGreaterThanOrEqual(3))
  expect(
    again.slice(0, 3).map(({ devices, snapshot, more }) => [devices.length, snapshot, more]),
  ).toEqual([
    [1_000, true, true],
    [1_000, true, true],
    [500, true, false],
  ])
})

test('leaves a presence that takes reports but answers none for as long as a lease', async () => {
  const ctx = { log: recordingLogger().log, scheduler: systemScheduler }
  const opened: number[] = []
  const report = bidi<wire.ReportRequest, wire.ReportResponse>(ctx, async (requests, writer) => {
    opened.push(performance.now())
    for await (const { number } of requests) {
      const answer = { instanceId: Buffer.alloc(16, 1), heartbeatMs: 100, leaseMs: 300 }
      if (opened.length === 1 && number === 1) writer.offer({ number, ...answer })
    }
  })
  const services = [grpcService({ report: wire.PresenceService.report }, { report })]
  const server = await startGrpcServer({ host: '127.0.0.1', port: 0, services, drainMs: 50 })
  closers.push(() => server.close())
  const reached: boolean[] = []
  startReporter(server.address, reached)
  await eventually(() => expect(reached).toEqual([true, false]))
  await eventually(() => expect(opened.length).toBeGreaterThan(1))
})
