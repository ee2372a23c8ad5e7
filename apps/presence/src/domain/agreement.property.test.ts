import { isAppError } from '@parley/errors'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { availability } from './availability.ts'
import type { Availability } from './availability.ts'
import { Leases } from './leases.ts'
import { ReportStream } from './report-stream.ts'
import type { Report } from './report-stream.ts'
import { Users } from './users.ts'

const leaseMs = 5_000
const graceMs = 5_000
const heartbeatMs = 1_000
const userIds = ['ann', 'bob', 'cat']
const [instanceCount, relayCount] = [3, 3]

type Device = Report['devices'][number]

/** One presence process: what it was told, and what it tells its watchers. */
class Instance {
  readonly told = new Map<string, Availability>()
  readonly users = new Users(2, (id) => id.charCodeAt(0) % 2, {
    maxUsers: 100,
    maxDevicesPerUser: 100,
  })
  readonly leases = new Leases(this.users, { leaseMs, graceMs, maxRelays: 100 })

  tick(nowMs: number): void {
    this.leases.sweep(nowMs)
    for (const { userId, state } of this.users.takeTransitions(100, nowMs)) {
      // Nothing is announced twice.
      expect(state).not.toBe(this.told.get(userId) ?? availability.offline)
      this.told.set(userId, state)
    }
  }
}

/** What is under way from one relay to one presence process. */
interface Wire {
  readonly stream: ReportStream
  readonly under: Omit<Report, 'number'>[]
  number: number
}

/** A relay: the devices that are there, and a stream of reports to each presence process. */
class Relay {
  readonly boot: string
  readonly devices = new Map<string, Device>()
  readonly wires: (Wire | undefined)[] = Array.from({ length: instanceCount }, () => undefined)

  constructor(boot: string) {
    this.boot = boot
  }

  note(device: Device): void {
    const key = `${device.userId}/${device.deviceId}`
    if (device.state === availability.offline) this.devices.delete(key)
    else this.devices.set(key, device)
    for (const wire of this.wires) if (wire) wire.under.push(this.#report([device]))
  }

  beat(): void {
    for (const wire of this.wires) if (wire) wire.under.push(this.#report([]))
  }

  open(to: number, instance: Instance): void {
    const wire = {
      stream: new ReportStream(instance.leases, { graceMs }),
      under: [],
      number: 0,
    } as Wire
    this.wires[to] = wire
    const devices = [...this.devices.values()]
    wire.under.push({ ...this.#report(devices), snapshot: true })
  }

  /** Takes in what is under way; a refused report ends the stream, as it does over gRPC. */
  arrive(to: number, most: number, nowMs: number): void {
    const wire = this.wires[to]
    for (const report of wire?.under.splice(0, most) ?? []) {
      try {
        wire!.number += 1
        wire!.stream.take({ ...report, number: wire!.number }, nowMs)
      } catch (error) {
        expect(isAppError(error)).toBe(true)
        this.wires[to] = undefined
        return
      }
    }
  }

  #report(devices: readonly Device[]) {
    return { relay: `relay-${this.boot}`, bootId: this.boot, snapshot: false, more: false, devices }
  }
}

const at = { relay: fc.nat(relayCount - 1), instance: fc.nat(instanceCount - 1) }
const device = fc.record({
  userId: fc.constantFrom(...userIds),
  deviceId: fc.constantFrom('d1', 'd2'),
  state: fc.constantFrom(...Object.values(availability)),
  clean: fc.boolean(),
})
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('note' as const), relay: at.relay, device }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('arrive' as const), ...at, most: fc.nat(5) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.integer({ min: 1, max: 30 }).map((n) => n * 100),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('beat' as const), relay: at.relay }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reconnect' as const), ...at }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut' as const), ...at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), relay: at.relay }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('restart' as const), instance: at.instance }),
  },
)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Some relays and presence processes between which anything may be late, lost or broken. */
class System {
  nowMs = 0
  readonly relays: Relay[]
  readonly instances: Instance[]
  #boots = 0

  constructor() {
    this.relays = Array.from({ length: relayCount }, () => this.#boot())
    this.instances = Array.from({ length: instanceCount }, () => new Instance())
  }

  run(one: Step): void {
    const relay = 'relay' in one ? this.relays[one.relay]! : this.relays[0]!
    if (one.kind === 'note') relay.note(one.device)
    else if (one.kind === 'arrive') relay.arrive(one.instance, one.most, this.nowMs)
    else if (one.kind === 'pass') this.pass(one.ms)
    else if (one.kind === 'beat') relay.beat()
    else if (one.kind === 'reconnect') relay.open(one.instance, this.instances[one.instance]!)
    else if (one.kind === 'cut') relay.wires[one.instance] = undefined
    else if (one.kind === 'crash') this.relays[one.relay] = this.#boot()
    else this.#restart(one.instance)
    for (const instance of this.instances) instance.tick(this.nowMs)
  }

  pass(ms: number): void {
    this.nowMs += ms
    for (const instance of this.instances) instance.tick(this.nowMs)
  }

  /** Everything works again: streams come back by themselves and reports arrive. */
  heal(ms: number): void {
    for (const untilMs = this.nowMs + ms; this.nowMs < untilMs;) {
      for (const relay of this.relays) this.#heal(relay)
      this.pass(heartbeatMs)
    }
    for (const relay of this.relays) this.#heal(relay)
    this.pass(1)
  }

  #heal(relay: Relay): void {
    relay.beat()
    for (const [to, instance] of this.instances.entries()) {
      relay.arrive(to, Infinity, this.nowMs)
      if (relay.wires[to] !== undefined) continue
      relay.open(to, instance)
      relay.arrive(to, Infinity, this.nowMs)
    }
  }

  #restart(instance: number): void {
    this.instances[instance] = new Instance()
    for (const relay of this.relays) relay.wires[instance] = undefined
  }

  #boot(): Relay {
    this.#boots += 1
    return new Relay(`boot${this.#boots}`)
  }
}

test('whatever was lost between relays and presence processes, all processes agree with what is so', () => {
  const property = fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
    const system = new System()
    for (const one of steps) system.run(one)
    system.heal(leaseMs + graceMs)
    const present = system.relays.flatMap((relay) => [...relay.devices.values()])
    const expected = userIds.map((id) => {
      const own = present.filter((each) => each.userId === id).map((each) => each.state)
      return [id, Math.max(availability.offline, ...own)]
    })
    for (const { users, told } of system.instances) {
      expect(userIds.map((id) => [id, users.shown(id).state])).toEqual(expected)
      expect(userIds.map((id) => [id, told.get(id) ?? availability.offline])).toEqual(expected)
      // No ghosts: nothing is held beside the devices that are there.
      const held = userIds.flatMap((id) => [...users.sessionsOf(id)])
      expect(held.length).toBe(present.length)
    }
  })
  fc.assert(property, { numRuns: 1_000 })
}, 60_000)

test('relays of other machines with the same process id are different relays', () => {
  const instance = new Instance()
  const [one, other] = [new Relay('boot1'), new Relay('boot2')]
  one.note({ userId: 'ann', deviceId: 'd1', state: availability.online, clean: false })
  other.note({ userId: 'bob', deviceId: 'd1', state: availability.online, clean: false })
  for (const relay of [one, other]) {
    relay.open(0, instance)
    relay.arrive(0, 1, 0)
  }
  instance.tick(0)
  expect([...instance.told.keys()]).toEqual(['ann', 'bob'])
  expect(instance.leases.relays).toBe(2)
})
