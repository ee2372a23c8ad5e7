import { AppError } from '@parley/errors'
import { availability } from './availability.ts'
import type { Availability } from './availability.ts'
import { Endings } from './endings.ts'
import { isLeaving } from './session.ts'
import type { Lease, Session } from './session.ts'
import type { Users } from './users.ts'

/** One device as its relay reports it. */
export interface DeviceReport {
  readonly userId: string
  readonly deviceId: string
  readonly state: Availability
  /** It left by its own will: no grace. */
  readonly clean: boolean
}

/** How long things last, and how many relays there may be. */
export interface LeaseRules {
  /** How long a relay is believed after its last report. */
  readonly leaseMs: number
  /** How long a dropped connection still counts. */
  readonly graceMs: number
  readonly maxRelays: number
}

/** A relay that was not heard of in time, with the sessions that ended with it. */
export interface LostRelay {
  readonly relay: string
  readonly sessions: number
}

const maxFormerBoots = 16

/** What relays have reported: one lease for each start of each relay. */
export class Leases {
  readonly #users: Users
  readonly #rules: LeaseRules
  readonly #byBoot = new Map<string, Lease>()
  readonly #byRelay = new Map<string, Lease>()
  readonly #endings = new Endings()
  #refusedDevices = 0

  constructor(users: Users, rules: LeaseRules) {
    this.#users = users
    this.#rules = rules
  }

  /** Relays believed, restarted ones counted once. */
  get relays(): number {
    return this.#byRelay.size
  }

  /** Devices that were not taken in because a bound was reached, since the start. */
  get refusedDevices(): number {
    return this.#refusedDevices
  }

  /**
   * The lease of this start of this relay, a new one if need be; a former boot of the relay is
   * shut out and what it reported ends with its lease. Throws `AppError` (conflict,
   * BOOT_REPLACED; exhausted, TOO_MANY_RELAYS).
   */
  acquire(relay: string, bootId: string, nowMs: number): Lease {
    const known = this.#byBoot.get(bootId)
    if (known) return this.checked(known)
    const former = this.#byRelay.get(relay)
    if (former?.formerBoots.includes(bootId)) throw bootReplaced()
    this.#makeRoom(former === undefined)
    if (former) former.retired = true
    return this.#newLease(relay, bootId, former, nowMs)
  }

  /** The lease, if it still holds; else throws `AppError` (conflict, BOOT_REPLACED; precondition, LEASE_EXPIRED). */
  checked(lease: Lease): Lease {
    if (lease.retired) throw bootReplaced()
    if (this.#byBoot.get(lease.bootId) !== lease) throw leaseExpired()
    return lease
  }

  /** Takes in what a relay says of one device and returns its session, if it has one now. */
  report(lease: Lease, device: DeviceReport, nowMs: number): Session | undefined {
    const own = this.#sessionOf(lease, device)
    if (device.state !== availability.offline) return this.#present(own, lease, device)
    if (device.clean) {
      this.#endLeaving(device, undefined)
      if (own) this.#end(own)
      return undefined
    }
    if (own && own.endsAtMs === undefined) this.#endings.set(own, nowMs + this.#rules.graceMs)
    return own
  }

  /** The session ends at that time unless it is reported again before. */
  endAt(session: Session, atMs: number): void {
    if (session.endsAtMs === undefined || session.endsAtMs > atMs) this.#endings.set(session, atMs)
  }

  /** Ends what is over: relays not heard of within their lease, dropped connections after their grace. */
  sweep(nowMs: number): LostRelay[] {
    for (const session of this.#endings.take(nowMs)) this.#users.end(session)
    const over = [...this.#byBoot.values()].filter(
      (lease) => lease.heardAtMs + this.#rules.leaseMs <= nowMs,
    )
    return over.map((lease) => this.#drop(lease))
  }

  /** Nobody could be heard for that long: the fault was on this side, so every lease lasts longer. */
  excuse(deafMs: number): void {
    for (const lease of this.#byBoot.values()) lease.heardAtMs += deafMs
  }

  #newLease(relay: string, bootId: string, former: Lease | undefined, nowMs: number): Lease {
    const formerBoots = former ? [former.bootId, ...former.formerBoots] : []
    const lease: Lease = {
      relay,
      bootId,
      sessions: new Set(),
      formerBoots: formerBoots.slice(0, maxFormerBoots),
      heardAtMs: nowMs,
      retired: false,
    }
    this.#byBoot.set(bootId, lease)
    this.#byRelay.set(relay, lease)
    return lease
  }

  #present(own: Session | undefined, lease: Lease, device: DeviceReport): Session | undefined {
    const session = own ?? this.#users.open(device.userId, device.deviceId, lease, device.state)
    if (!session) {
      this.#refusedDevices += 1
      return undefined
    }
    this.#users.set(session, device.state)
    this.#endings.clear(session)
    // A device that is here now has left the places from which it was leaving.
    this.#endLeaving(device, session)
    return session
  }

  #endLeaving(device: DeviceReport, except: Session | undefined): void {
    const sessions = this.#users.sessionsOf(device.userId)
    const over = sessions.filter(
      (one) => one !== except && one.deviceId === device.deviceId && isLeaving(one),
    )
    for (const session of over) this.#end(session)
  }

  #sessionOf(lease: Lease, device: DeviceReport): Session | undefined {
    return this.#users
      .sessionsOf(device.userId)
      .find((session) => session.lease === lease && session.deviceId === device.deviceId)
  }

  #end(session: Session): void {
    this.#endings.clear(session)
    this.#users.end(session)
  }

  #drop(lease: Lease): LostRelay {
    this.#byBoot.delete(lease.bootId)
    if (this.#byRelay.get(lease.relay) === lease) this.#byRelay.delete(lease.relay)
    const ended = [...lease.sessions]
    for (const session of ended) this.#end(session)
    return { relay: lease.relay, sessions: ended.length }
  }

  // Restarted relays keep the lease of their former boot for a moment: as many again, no more.
  #makeRoom(isNew: boolean): void {
    const { maxRelays } = this.#rules
    const full = isNew && this.#byRelay.size >= maxRelays
    if (!full && this.#byBoot.size < 2 * maxRelays) return
    throw new AppError('exhausted', 'TOO_MANY_RELAYS', `at most ${maxRelays} relays may report`)
  }
}

function bootReplaced(): AppError {
  const message = 'a newer start of this relay reports, or another relay has the same name'
  return new AppError('conflict', 'BOOT_REPLACED', message)
}

function leaseExpired(): AppError {
  const message = 'the lease has expired: open another stream and begin with a snapshot'
  return new AppError('precondition', 'LEASE_EXPIRED', message)
}
