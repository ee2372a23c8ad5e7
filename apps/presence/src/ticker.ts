import { subjects } from '@parley/bus'
import type { Bus } from '@parley/bus'
import { events as wire } from '@parley/proto'
import type { PresenceContext } from './context.ts'
import type { Batch } from './domain/revisions.ts'
import { presenceLimits } from './limits.ts'
import { isSettled, userState } from './user-state.ts'

/** What goes on by itself: publishing what changed, ending what is over. */
export class Ticker {
  readonly #ctx: PresenceContext
  readonly #bus: Bus
  #lastTickMs: number
  #lastBeaconMs: number
  #refusedDevices = 0

  constructor(ctx: PresenceContext, bus: Bus) {
    this.#ctx = ctx
    this.#bus = bus
    this.#lastTickMs = ctx.scheduler.monotonic()
    this.#lastBeaconMs = this.#lastTickMs
  }

  /** Starts ticking and returns what stops it. */
  start(): () => void {
    const timer = this.#ctx.scheduler.every(presenceLimits.tickMs, () => this.tick())
    const returned = this.#bus.onReconnect(() => this.#busReturned())
    this.beacon()
    return () => {
      timer.cancel()
      returned.close()
    }
  }

  /** One round: excuses a standstill, sweeps, publishes. */
  tick(): void {
    const { leases, streams, events } = this.#ctx
    const nowMs = this.#ctx.scheduler.monotonic()
    this.#excuseStandstill(nowMs)
    for (const lost of leases.sweep(nowMs)) events.relayLost(lost)
    streams.endSilent(nowMs)
    this.#publishChanges()
    if (nowMs - this.#lastBeaconMs >= presenceLimits.beaconMs) this.beacon()
  }

  /** Tells every shard's readers which revision they should have. */
  beacon(): void {
    this.#lastBeaconMs = this.#ctx.scheduler.monotonic()
    for (const batch of this.#ctx.revisions.beacons()) this.#publish(batch)
    this.#reportRefusals()
  }

  // While this process was stopped no relay could be heard: to declare them lost would be our own
  // fault shown as theirs.
  #excuseStandstill(nowMs: number): void {
    const lateMs = nowMs - this.#lastTickMs - presenceLimits.tickMs
    this.#lastTickMs = nowMs
    if (lateMs <= presenceLimits.deafMs) return
    this.#ctx.leases.excuse(lateMs)
    this.#ctx.streams.excuse(lateMs)
    this.#ctx.events.stoodStill(lateMs)
  }

  #publishChanges(): void {
    const { users, revisions, scheduler } = this.#ctx
    const changes = users.takeTransitions(presenceLimits.transitionsPerTick, scheduler.now())
    for (const batch of revisions.batches(changes)) this.#publish(batch)
  }

  #publish(batch: Batch): void {
    const message = wire.PresenceTransitions.encode({
      instanceId: this.#ctx.instanceId,
      revision: batch.revision,
      previousRevision: batch.previousRevision,
      asOfMs: this.#ctx.scheduler.now(),
      users: batch.transitions.map(userState),
      settled: isSettled(this.#ctx),
    })
    this.#bus.publish(subjects.presence(batch.shard), message.finish())
  }

  // What was published while the bus was away is lost: show the gap instead of waiting for the
  // next change to show it.
  #busReturned(): void {
    this.#ctx.events.busReturned()
    this.beacon()
  }

  #reportRefusals(): void {
    const refused = this.#ctx.leases.refusedDevices
    if (refused > this.#refusedDevices) {
      this.#ctx.events.devicesRefused(refused - this.#refusedDevices)
    }
    this.#refusedDevices = refused
  }
}
