import { describe, expect, test } from 'vitest'
import { availability } from './availability.ts'
import { is, setup } from './core.fixture.ts'

const { offline, away, online } = availability

function refusal(reason: string) {
  return expect.objectContaining({ reason })
}

describe('at its bounds presence', () => {
  test('refuses one relay more, until another is lost', () => {
    const { relay, told } = setup({ maxRelays: 2 })
    relay('r1')(0, [])
    const second = relay('r2')
    second(0, [])
    expect(() => relay('r3')(0, [])).toThrow(refusal('TOO_MANY_RELAYS'))
    second(4_000, [])
    told(5_000)
    expect(() => relay('r3')(5_000, [])).not.toThrow()
  })

  test('refuses a relay that restarts faster than its leases end', () => {
    const { relay, told } = setup({ maxRelays: 2 })
    for (const boot of ['b1', 'b2', 'b3', 'b4']) relay(boot, 'relay')(0, [])
    expect(() => relay('b5', 'relay')(0, [])).toThrow(refusal('TOO_MANY_RELAYS'))
    told(5_000)
    expect(() => relay('b5', 'relay')(5_000, [])).not.toThrow()
  })

  test('takes no further users in, keeps those it has, and counts', () => {
    const { relay, told, leases } = setup({ maxUsers: 2 })
    const report = relay('r1')
    report(0, [is('ann', 'a', online), is('bob', 'b', online), is('cat', 'c', online)])
    expect(told(0)).toEqual(['ann=5', 'bob=5'])
    expect(leases.refusedDevices).toBe(1)
    report(1, [is('ann', 'a', offline, true)])
    expect(told(1)).toEqual(['ann=2'])
    report(2, [is('cat', 'c', online)])
    expect(told(2)).toEqual(['cat=5'])
  })

  test('takes no further devices of a user in', () => {
    const { relay, told, leases } = setup({ maxDevicesPerUser: 2 })
    const report = relay('r1')
    report(0, [is('ann', 'a', away), is('ann', 'b', away), is('ann', 'c', online)])
    expect(told(0)).toEqual(['ann=3'])
    expect(leases.refusedDevices).toBe(1)
  })

  test('tells a great change in parts, nobody twice', () => {
    const { relay, users } = setup()
    const ids = Array.from({ length: 25 }, (_, i) => `u${i}`)
    const devices = ids.map((id) => is(id, 'a', online))
    relay('r1')(0, devices)
    const parts = [1, 2, 3, 4].map(() => users.takeTransitions(10, 0).map((one) => one.userId))
    expect(parts.map((part) => part.length)).toEqual([10, 10, 5, 0])
    expect(parts.flat().toSorted()).toEqual(ids.toSorted())
  })
})

describe('a page', () => {
  test('walks everybody who is not offline once, in a steady order, whatever its length', () => {
    const { relay, users } = setup()
    const ids = Array.from({ length: 30 }, (_, i) => String.fromCharCode(97 + (i % 26)) + i)
    const devices = ids.map((id) => is(id, 'd', online))
    relay('r1')(0, devices)
    users.takeTransitions(100, 7)
    const shards = new Set([0, 1, 2, 3])
    const walk = (limit: number) => {
      const seen: string[] = []
      for (;;) {
        const page = users.page({ after: seen.at(-1) ?? '', limit, shards })
        seen.push(...page.users.map((user) => user.userId))
        if (!page.more) return seen
      }
    }
    expect(walk(1)).toEqual(walk(100))
    expect(walk(7).toSorted()).toEqual(ids.toSorted())
    const some = users.page({ after: '', limit: 100, shards: new Set([2]) }).users
    expect(some.length).toBeGreaterThan(0)
    expect(some.every((user) => user.shard === 2 && user.sinceMs === 7)).toBe(true)
  })

  test('shows what was told, not what will be', () => {
    const { relay, users } = setup()
    relay('r1')(0, [is('ann', 'a', online)])
    const request = { after: '', limit: 10, shards: new Set([0, 1, 2, 3]) }
    expect(users.page(request).users).toEqual([])
    expect(users.shown('ann')).toMatchObject({ state: offline, sinceMs: 0 })
    users.takeTransitions(10, 5)
    expect(users.page(request).users).toMatchObject([{ userId: 'ann', state: online, sinceMs: 5 }])
  })
})
