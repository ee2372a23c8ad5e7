import fc from 'fast-check'
import { expect, test } from 'vitest'
import { availability } from './availability.ts'
import type { Availability } from './availability.ts'
import { Leases } from './leases.ts'
import { ReportStream } from './report-stream.ts'
import { Users } from './users.ts'

const leaseMs = 5_000
const graceMs = 5_000
const states = Object.values(availability)
const userIds = ['ann', 'bob', 'cat']
const allShards = new Set([0, 1])

/** One connection as the naive model keeps it: a row, with nothing indexed. */
interface Row {
  readonly boot: number
  readonly userId: string
  readonly deviceId: string
  state: Availability
  endsAtMs: number
}

interface Boot {
  readonly relay: number
  heardAtMs: number
  retired: boolean
  gone: boolean
}

/** The rules of presence written down as plainly as possible: every question looks at every row. */
class Model {
  nowMs = 0
  rows: Row[] = []
  readonly boots: Boot[] = []

  alive(boot: number): boolean {
    const one = this.boots[boot]!
    return !one.gone && !one.retired
  }

  pass(ms: number): void {
    this.nowMs += ms
    for (const boot of this.boots) if (boot.heardAtMs + leaseMs <= this.nowMs) boot.gone = true
    this.rows = this.rows.filter((row) => row.endsAtMs > this.nowMs && !this.boots[row.boot]!.gone)
  }

  report(boot: number, userId: string, deviceId: string, state: Availability, clean: boolean) {
    this.boots[boot]!.heardAtMs = this.nowMs
    const isSame = (row: Row) => row.userId === userId && row.deviceId === deviceId
    const own = this.rows.find((row) => isSame(row) && row.boot === boot)
    const isLeaving = (row: Row) => row.endsAtMs < Infinity || this.boots[row.boot]!.retired
    const present = state !== availability.offline
    if (!present && !clean) {
      if (own && own.endsAtMs === Infinity) own.endsAtMs = this.nowMs + graceMs
      return
    }
    this.rows = this.rows.filter((row) => row !== own && !(isSame(row) && isLeaving(row)))
    if (present) this.rows.push({ boot, userId, deviceId, state, endsAtMs: Infinity })
  }

  snapshot(boot: number, devices: readonly { userId: string; deviceId: string }[]): void {
    const untilMs = this.boots[boot]!.heardAtMs + graceMs
    for (const row of this.rows) {
      const named = devices.some((d) => d.userId === row.userId && d.deviceId === row.deviceId)
      if (row.boot === boot && !named) row.endsAtMs = Math.min(row.endsAtMs, untilMs)
    }
  }

  merged(userId: string): Availability {
    const own = this.rows.filter((row) => row.userId === userId)
    return Math.max(availability.offline, ...own.map((row) => row.state)) as Availability
  }
}

const device = fc.record({
  userId: fc.constantFrom(...userIds),
  deviceId: fc.constantFrom('d1', 'd2'),
  state: fc.constantFrom(...states),
  clean: fc.boolean(),
})
const relay = fc.integer({ min: 0, max: 2 })
// Times in steps of the sweep, so that both sides see an ending in the same step.
const pause = fc.integer({ min: 1, max: 30 }).map((steps) => steps * 100)
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('report' as const), relay, device }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: pause }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('heartbeat' as const), relay }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), relay }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('reopen' as const),
      relay,
      devices: fc.uniqueArray(device, { maxLength: 3, selector: (d) => d.userId + d.deviceId }),
    }),
  },
)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never
type Device = typeof device extends fc.Arbitrary<infer T> ? T : never

/** The real core and the model, driven by the same steps. */
class Pair {
  readonly model = new Model()
  readonly users = new Users(2, (id) => id.charCodeAt(0) % 2, {
    maxUsers: 100,
    maxDevicesPerUser: 100,
  })
  readonly leases = new Leases(this.users, { leaseMs, graceMs, maxRelays: 100 })
  readonly told = new Map<string, Availability>()
  readonly #streams = new Map<number, { stream: ReportStream; boot: number; number: number }>()

  run(one: Step): void {
    if (one.kind === 'pass') this.model.pass(one.ms)
    else if (one.kind === 'restart') this.#open(one.relay, [], true)
    else if (one.kind === 'reopen') this.#open(one.relay, one.devices, false)
    else this.#change(one.relay, one.kind === 'report' ? [one.device] : [])
    this.leases.sweep(this.model.nowMs)
  }

  #change(relayNumber: number, devices: readonly Device[]): void {
    const current = this.#streams.get(relayNumber)
    if (!current || !this.model.alive(current.boot)) return this.#open(relayNumber, devices, true)
    current.number += 1
    this.#take(relayNumber, devices, false)
    this.#tellModel(current.boot, devices)
  }

  #open(relayNumber: number, devices: readonly Device[], restart: boolean): void {
    const current = this.#streams.get(relayNumber)
    const same = current && !restart && this.model.alive(current.boot)
    const boot = same ? current.boot : this.#newBoot(relayNumber)
    const stream = new ReportStream(this.leases, { graceMs })
    this.#streams.set(relayNumber, { stream, boot, number: 1 })
    this.#take(relayNumber, devices, true)
    this.model.snapshot(boot, devices)
    this.#tellModel(boot, devices)
  }

  #newBoot(relayNumber: number): number {
    for (const boot of this.model.boots) if (boot.relay === relayNumber) boot.retired = true
    const heardAtMs = this.model.nowMs
    return this.model.boots.push({ relay: relayNumber, heardAtMs, retired: false, gone: false }) - 1
  }

  #take(relayNumber: number, devices: readonly Device[], snapshot: boolean): void {
    const { stream, boot, number } = this.#streams.get(relayNumber)!
    const names = { relay: `relay${relayNumber}`, bootId: `boot${boot}` }
    stream.take({ ...names, number, snapshot, more: false, devices }, this.model.nowMs)
  }

  #tellModel(boot: number, devices: readonly Device[]): void {
    this.model.boots[boot]!.heardAtMs = this.model.nowMs
    for (const d of devices) this.model.report(boot, d.userId, d.deviceId, d.state, d.clean)
  }
}

function check(pair: Pair): void {
  for (const one of pair.users.takeTransitions(100, pair.model.nowMs)) {
    // A transition is a change of what was told before.
    expect(one.state).not.toBe(pair.told.get(one.userId) ?? availability.offline)
    pair.told.set(one.userId, one.state)
  }
  const expected = userIds.map((id) => [id, pair.model.merged(id)])
  expect(userIds.map((id) => [id, pair.users.shown(id).state])).toEqual(expected)
  expect(userIds.map((id) => [id, pair.told.get(id) ?? availability.offline])).toEqual(expected)
  const page = pair.users.page({ after: '', limit: 10, shards: allShards })
  const listed = page.users.map((user) => user.userId).toSorted()
  expect(listed).toEqual(userIds.filter((id) => pair.model.merged(id) !== availability.offline))
}

test('whatever relays report, the merged states are those of a naive model and only changes are told', () => {
  const property = fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
    const pair = new Pair()
    for (const one of steps) {
      pair.run(one)
      check(pair)
    }
  })
  fc.assert(property, { numRuns: 800 })
}, 60_000)

test('whatever was reported, nobody and nothing is left a lease after the last report', () => {
  const property = fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
    const pair = new Pair()
    for (const one of steps) pair.run(one)
    pair.run({ kind: 'pass', ms: leaseMs })
    check(pair)
    expect([pair.users.size, pair.users.changed, pair.leases.relays]).toEqual([0, 0, 0])
    expect([...pair.told.values()].every((state) => state === availability.offline)).toBe(true)
  })
  fc.assert(property, { numRuns: 500 })
}, 60_000)
