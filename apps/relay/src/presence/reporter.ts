import type { ClientDuplexStream } from '@grpc/grpc-js'
import { StreamWriter } from '@parley/grpc-kit'
import { presence as wire } from '@parley/proto'
import { Backoff } from '@parley/service-kit'
import type { Scheduler, Timer } from '@parley/service-kit'
import { bytesKey } from '../domain/bytes.ts'

/** The most devices of one report. */
const devicesPerReport = 1_000
/** Changes are gathered for so long. */
const gatherMs = 100
/** A presence that answers no report for so long has gone, until presence says how long a lease is. */
const firstLeaseMs = 5_000
/** How often a report goes out at least, until presence says otherwise. */
const firstHeartbeatMs = 1_000

type Stream = ClientDuplexStream<wire.ReportRequest, wire.ReportResponse>

/** What a reporter needs. */
export interface ReporterParts {
  readonly scheduler: Scheduler
  /** The relay's name, different for each relay. */
  readonly relay: string
  readonly bootId: Uint8Array
  open(): Stream
  /** Presence has gone, or come back. */
  reached(isReached: boolean): void
}

/** Tells presence which devices are here: all at first, then what changes, and that the relay lives. */
export class Reporter {
  readonly #parts: ReporterParts
  readonly #devices = new Map<string, wire.DeviceState>()
  readonly #backoff: Backoff
  readonly #tick: Timer
  #changes = new Map<string, wire.DeviceState>()
  #stream: Stream | undefined
  #writer: StreamWriter<wire.ReportRequest> | undefined
  #number = 0
  #heartbeatMs = firstHeartbeatMs
  #leaseMs = firstLeaseMs
  #saidAtMs = 0
  #answeredAtMs = 0
  #retry: Timer | undefined
  #isReached = false
  #isOver = false

  constructor(parts: ReporterParts) {
    this.#parts = parts
    this.#backoff = new Backoff(parts.scheduler, { baseMs: 100, capMs: 2_000 })
    this.#tick = parts.scheduler.every(gatherMs, () => this.#report())
    this.#connect()
  }

  /** Notes what a device is now. */
  note(device: wire.DeviceState): void {
    const key = bytesKey(device.deviceId)
    if (device.state === wire.State.OFFLINE) this.#devices.delete(key)
    else this.#devices.set(key, device)
    this.#changes.set(key, device)
  }

  /** Reports the last changes and ends. */
  async close(): Promise<void> {
    this.#report()
    this.#isOver = true
    this.#tick.cancel()
    this.#retry?.cancel()
    // What presence did not take in time ends with the lease.
    await this.#writer?.end().catch(() => undefined)
    this.#stream?.cancel()
  }

  #connect(): void {
    if (this.#isOver) return
    const stream = this.#parts.open()
    this.#stream = stream
    this.#writer = new StreamWriter<wire.ReportRequest>(stream, { maxQueued: 64 })
    this.#number = 0
    this.#answeredAtMs = this.#parts.scheduler.monotonic()
    stream.on('data', ({ heartbeatMs, leaseMs }: wire.ReportResponse) => {
      this.#heartbeatMs = heartbeatMs
      this.#leaseMs = leaseMs
      this.#answeredAtMs = this.#parts.scheduler.monotonic()
      this.#backoff.reset()
      if (!this.#isReached) this.#setReached(true)
    })
    stream.on('error', () => this.#lost(stream))
    stream.on('end', () => this.#lost(stream))
    this.#snapshot()
  }

  #snapshot(): void {
    this.#changes = new Map()
    const all = [...this.#devices.values()]
    for (let at = 0; at === 0 || at < all.length; at += devicesPerReport) {
      const more = at + devicesPerReport < all.length
      this.#say({ snapshot: true, more, devices: all.slice(at, at + devicesPerReport) })
    }
  }

  #report(): void {
    if (this.#stream === undefined) return
    const nowMs = this.#parts.scheduler.monotonic()
    if (nowMs - this.#answeredAtMs >= this.#leaseMs) return this.#stream.cancel()
    const isDue = nowMs - this.#saidAtMs >= this.#heartbeatMs
    if (this.#changes.size === 0 && !isDue) return
    const devices = [...this.#changes.values()].slice(0, devicesPerReport)
    for (const { deviceId } of devices) this.#changes.delete(bytesKey(deviceId))
    this.#say({ snapshot: false, more: false, devices })
  }

  #say(report: Pick<wire.ReportRequest, 'snapshot' | 'more' | 'devices'>): void {
    const { relay, bootId, scheduler } = this.#parts
    this.#number += 1
    this.#saidAtMs = scheduler.monotonic()
    const request = { ...report, relay, bootId: Buffer.from(bootId), number: this.#number }
    // Presence that takes nothing is met again with a snapshot.
    if (this.#writer?.offer(request) === false) this.#stream?.cancel()
  }

  #setReached(isReached: boolean): void {
    this.#isReached = isReached
    if (!this.#isOver) this.#parts.reached(isReached)
  }

  #lost(stream: Stream): void {
    if (stream !== this.#stream) return
    this.#stream = undefined
    this.#writer = undefined
    if (this.#isReached) this.#setReached(false)
    if (this.#isOver) return
    this.#retry = this.#parts.scheduler.setTimer(this.#backoff.next(), () => this.#connect())
  }
}
