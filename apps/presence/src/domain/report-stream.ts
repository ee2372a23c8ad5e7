import { AppError } from '@parley/errors'
import type { DeviceReport, LeaseRules, Leases } from './leases.ts'
import type { Lease, Session } from './session.ts'

/** One report of a relay, its parts already checked one by one. */
export interface Report {
  readonly relay: string
  readonly bootId: string
  readonly number: number
  readonly snapshot: boolean
  readonly more: boolean
  readonly devices: readonly DeviceReport[]
}

/** The order of one stream of reports: a snapshot in one or more parts, then changes. */
export class ReportStream {
  readonly #leases: Leases
  readonly #graceMs: number
  #lease: Lease | undefined
  #lastNumber = 0
  #snapshot: SnapshotPart | undefined

  constructor(leases: Leases, rules: Pick<LeaseRules, 'graceMs'>) {
    this.#leases = leases
    this.#graceMs = rules.graceMs
  }

  /** Whose reports these are, once the first was taken in. */
  get lease(): Lease | undefined {
    return this.#lease
  }

  /**
   * Takes in the next report, whole or not at all; throws `AppError` (invalid,
   * SNAPSHOT_MISSING, SNAPSHOT_TWICE, REPORT_OUT_OF_ORDER, BOOT_CHANGED) and what `Leases`
   * refuses, after any of which the stream is over. Returns the lease they renew.
   */
  take(report: Report, nowMs: number): Lease {
    const lease = this.#lease ? this.#next(this.#lease, report) : this.#begin(report, nowMs)
    this.#lastNumber = report.number
    lease.heardAtMs = nowMs
    for (const device of report.devices) {
      const session = this.#leases.report(lease, device, nowMs)
      if (session) this.#snapshot?.seen.add(session)
    }
    if (this.#snapshot && !report.more) this.#endSnapshot(lease, this.#snapshot)
    return lease
  }

  #begin(report: Report, nowMs: number): Lease {
    if (!report.snapshot) throw refused('SNAPSHOT_MISSING', 'a stream begins with a snapshot')
    const lease = this.#leases.acquire(report.relay, report.bootId, nowMs)
    this.#lease = lease
    this.#snapshot = { seen: new Set(), formerlyHeardAtMs: lease.heardAtMs }
    return lease
  }

  #next(lease: Lease, report: Report): Lease {
    if (report.number !== this.#lastNumber + 1) {
      throw refused('REPORT_OUT_OF_ORDER', 'the number of a report is one more than the last')
    }
    if (report.bootId !== lease.bootId || report.relay !== lease.relay) {
      throw refused('BOOT_CHANGED', 'relay and boot id stay the same on a stream')
    }
    if (report.snapshot && !this.#snapshot) {
      throw refused('SNAPSHOT_TWICE', 'a stream has one snapshot; open another stream')
    }
    if (!report.snapshot && this.#snapshot) {
      throw refused('SNAPSHOT_MISSING', 'a snapshot with more = true must be continued')
    }
    return this.#leases.checked(lease)
  }

  // Devices of the former stream that are not here dropped at an unknown moment after its last
  // report: their grace runs from then.
  #endSnapshot(lease: Lease, snapshot: SnapshotPart): void {
    this.#snapshot = undefined
    for (const session of lease.sessions) {
      if (snapshot.seen.has(session)) continue
      this.#leases.endAt(session, snapshot.formerlyHeardAtMs + this.#graceMs)
    }
  }
}

interface SnapshotPart {
  readonly seen: Set<Session>
  readonly formerlyHeardAtMs: number
}

function refused(reason: string, message: string): AppError {
  return new AppError('invalid', reason, message)
}
