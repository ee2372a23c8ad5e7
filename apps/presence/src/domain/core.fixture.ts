import type { Availability } from './availability.ts'
import { Leases } from './leases.ts'
import { ReportStream } from './report-stream.ts'
import type { Report } from './report-stream.ts'
import { Users } from './users.ts'

const leaseMs = 5_000
const graceMs = 5_000

interface Bounds {
  readonly maxUsers?: number
  readonly maxDevicesPerUser?: number
  readonly maxRelays?: number
}

/** A presence core without a shell, driven by times and reports. */
export function setup(bounds: Bounds = {}) {
  const { maxUsers = 100, maxDevicesPerUser = 4, maxRelays = 3 } = bounds
  const users = new Users(4, (id) => id.charCodeAt(0) % 4, { maxUsers, maxDevicesPerUser })
  const leases = new Leases(users, { leaseMs, graceMs, maxRelays })
  const sweep = (nowMs: number) => leases.sweep(nowMs)
  /** What watchers are told at that time, as text: `ann=5`. */
  const told = (nowMs: number) => {
    leases.sweep(nowMs)
    return users.takeTransitions(1_000, nowMs).map((one) => `${one.userId}=${one.state}`)
  }
  return { users, leases, sweep, told, relay: relayOn(leases) }
}

/** A relay's stream, by its boot: each call is the next report. */
function relayOn(leases: Leases) {
  return (bootId: string, relay = bootId) => {
    const stream = new ReportStream(leases, { graceMs })
    let number = 0
    return (nowMs: number, devices: Report['devices'], more: Partial<Report> = {}) => {
      const snapshot = number === 0
      number += 1
      stream.take({ relay, bootId, number, snapshot, more: false, devices, ...more }, nowMs)
    }
  }
}

/** What a relay reports of one device. */
export function is(userId: string, deviceId: string, state: Availability, clean = false) {
  return { userId, deviceId, state, clean }
}
