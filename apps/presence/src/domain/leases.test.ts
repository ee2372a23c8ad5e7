import { describe, expect, test } from 'vitest'
import { availability } from './availability.ts'
import { is, setup } from './core.fixture.ts'

const { offline, away, busy, online } = availability

function refusal(reason: string) {
  return expect.objectContaining({ reason })
}

describe('a user', () => {
  test('is as available as the most available device, and told only when that changes', () => {
    const { relay, told } = setup()
    const report = relay('r1')
    report(0, [is('ann', 'phone', away)])
    expect(told(0)).toEqual(['ann=3'])
    report(1, [is('ann', 'desk', online), is('ann', 'tablet', busy)])
    expect(told(1)).toEqual(['ann=5'])
    report(2, [is('ann', 'phone', busy)])
    expect(told(2)).toEqual([])
    report(3, [is('ann', 'desk', offline, true)])
    expect(told(3)).toEqual(['ann=4'])
  })

  test('who changes and changes back between two looks is not told at all', () => {
    const { relay, told } = setup()
    const report = relay('r1')
    report(0, [is('ann', 'phone', online)])
    told(0)
    report(1, [is('ann', 'phone', away)])
    report(2, [is('ann', 'phone', online)])
    expect(told(3)).toEqual([])
  })

  test('who comes and cleanly goes between two looks is not told and not held', () => {
    const { relay, told, users } = setup()
    const report = relay('r1')
    report(0, [is('ann', 'phone', online)])
    report(1, [is('ann', 'phone', offline, true)])
    expect(told(2)).toEqual([])
    expect(users.size).toBe(0)
  })

  test('is offline at once after a clean leave, after the grace when the connection dropped', () => {
    const { relay, told } = setup()
    const report = relay('r1')
    report(0, [is('ann', 'phone', online), is('bob', 'phone', online)])
    told(0)
    report(1_000, [is('ann', 'phone', offline, true), is('bob', 'phone', offline)])
    expect(told(1_000)).toEqual(['ann=2'])
    for (const nowMs of [3_000, 5_900]) {
      report(nowMs, [])
      expect(told(nowMs)).toEqual([])
    }
    expect(told(6_000)).toEqual(['bob=2'])
  })

  test('who returns within the grace was never away, also when the drop is reported twice', () => {
    const { relay, told } = setup()
    const report = relay('r1')
    report(0, [is('ann', 'phone', online)])
    told(0)
    report(1_000, [is('ann', 'phone', offline)])
    report(4_000, [is('ann', 'phone', offline)])
    report(5_000, [is('ann', 'phone', online)])
    expect(told(7_000)).toEqual([])
    report(8_000, [is('ann', 'phone', offline)])
    report(12_000, [is('ann', 'phone', offline)])
    expect(told(12_900)).toEqual([])
    expect(told(13_000)).toEqual(['ann=2'])
  })

  test('who moved to another relay and leaves there cleanly is offline at once', () => {
    const { relay, told } = setup()
    const [first, second] = [relay('r1'), relay('r2')]
    first(0, [is('ann', 'phone', online)])
    second(0, [])
    told(0)
    first(1_000, [is('ann', 'phone', offline)])
    second(1_100, [is('ann', 'phone', away)])
    expect(told(1_100)).toEqual(['ann=3'])
    second(1_200, [is('ann', 'phone', offline, true)])
    expect(told(1_200)).toEqual(['ann=2'])
  })

  test('keeps a live session of the same device on another relay when one of both leaves', () => {
    const { relay, told } = setup()
    const [first, second] = [relay('r1'), relay('r2')]
    first(0, [is('ann', 'phone', online)])
    second(0, [is('ann', 'phone', online)])
    told(0)
    second(1, [is('ann', 'phone', offline, true)])
    expect(told(1)).toEqual([])
  })

  test('a leave of somebody who was never here changes nothing', () => {
    const { relay, told, users } = setup()
    relay('r1')(0, [is('ann', 'phone', offline, true), is('bob', 'phone', offline)])
    expect(told(0)).toEqual([])
    expect(users.size).toBe(0)
  })
})

describe('a relay', () => {
  test('that is not heard of within its lease is one event, and takes all its sessions with it', () => {
    const { relay, told, sweep, leases } = setup()
    const [lost, kept] = [relay('r1'), relay('r2')]
    lost(0, [is('ann', 'a', online), is('bob', 'b', online)])
    kept(0, [is('bob', 'c', away)])
    told(0)
    kept(4_000, [])
    expect(sweep(4_999)).toEqual([])
    expect(sweep(5_000)).toEqual([{ relay: 'r1', sessions: 2 }])
    expect(told(5_000).toSorted()).toEqual(['ann=2', 'bob=3'])
    expect(leases.relays).toBe(1)
  })

  test('stays by reporting nothing new', () => {
    const { relay, told } = setup()
    const report = relay('r1')
    report(0, [is('ann', 'a', online)])
    told(0)
    for (let nowMs = 4_000; nowMs < 60_000; nowMs += 4_000) {
      report(nowMs, [])
      expect(told(nowMs)).toEqual([])
    }
  })

  test('that comes back late must begin anew', () => {
    const { relay, told } = setup()
    const report = relay('r1')
    report(0, [is('ann', 'a', online)])
    told(5_000)
    expect(() => report(5_001, [])).toThrow(refusal('LEASE_EXPIRED'))
    relay('r1')(5_002, [is('ann', 'a', online)])
    expect(told(5_002)).toEqual(['ann=5'])
  })

  test('that opens a new stream replaces what it said: who is missing goes as if just dropped', () => {
    const { relay, told } = setup()
    relay('r1')(0, [is('ann', 'a', online), is('bob', 'b', online)])
    told(0)
    const again = relay('r1')
    again(3_000, [is('ann', 'a', online)])
    again(4_900, [])
    expect(told(4_900)).toEqual([])
    expect(told(5_000)).toEqual(['bob=2'])
  })

  test('whose snapshot comes in parts loses nobody of any part', () => {
    const { relay, told } = setup()
    relay('r1')(0, [is('ann', 'a', online), is('bob', 'b', online), is('cat', 'c', online)])
    told(0)
    const again = relay('r1')
    again(1_000, [is('ann', 'a', online)], { more: true })
    again(2_000, [is('bob', 'b', online)], { snapshot: true })
    again(5_500, [])
    expect(told(5_500)).toEqual(['cat=2'])
  })

  test('that restarts shuts its former boot out, whose sessions last as long as its lease would have', () => {
    const { relay, told, leases } = setup()
    const former = relay('boot1', 'relay')
    former(0, [is('ann', 'a', online), is('bob', 'b', online)])
    told(0)
    const latter = relay('boot2', 'relay')
    latter(2_000, [is('ann', 'a', away)])
    expect(told(2_000)).toEqual(['ann=3'])
    expect(() => former(2_100, [])).toThrow(refusal('BOOT_REPLACED'))
    expect(() => relay('boot1', 'relay')(2_200, [])).toThrow(refusal('BOOT_REPLACED'))
    latter(4_000, [])
    expect(told(5_000)).toEqual(['bob=2'])
    expect(() => relay('boot1', 'relay')(5_100, [])).toThrow(refusal('BOOT_REPLACED'))
    expect(leases.relays).toBe(1)
  })

  test('that restarts: who comes back and then leaves cleanly is offline at once', () => {
    const { relay, told } = setup()
    relay('boot1', 'relay')(0, [is('ann', 'a', online)])
    told(0)
    const latter = relay('boot2', 'relay')
    latter(1_000, [])
    latter(1_100, [is('ann', 'a', online)])
    latter(1_200, [is('ann', 'a', offline, true)])
    expect(told(1_200)).toEqual(['ann=2'])
  })

  test('is believed longer when this process stood still', () => {
    const { relay, told, leases } = setup()
    relay('r1')(0, [is('ann', 'a', online)])
    told(0)
    leases.excuse(60_000)
    expect(told(64_999)).toEqual([])
    expect(told(65_000)).toEqual(['ann=2'])
  })
})

describe('a stream of reports is refused', () => {
  const ann = [is('ann', 'a', online)]

  test.each([
    ['SNAPSHOT_MISSING', 'no snapshot first', [{ snapshot: false }]],
    ['SNAPSHOT_MISSING', 'a snapshot not continued', [{ more: true }, { snapshot: false }]],
    ['SNAPSHOT_TWICE', 'a second snapshot', [{}, { snapshot: true }]],
    ['REPORT_OUT_OF_ORDER', 'a report left out', [{}, { number: 3 }]],
    ['REPORT_OUT_OF_ORDER', 'a report repeated', [{}, { number: 1 }]],
    ['BOOT_CHANGED', 'another boot', [{}, { bootId: 'r2' }]],
    ['BOOT_CHANGED', 'another relay', [{}, { relay: 'r2' }]],
  ] as const)('%s: %s', (reason, _note, reports) => {
    const { relay, told } = setup()
    const report = relay('r1')
    for (const one of reports.slice(0, -1)) report(0, [], one)
    expect(() => report(0, ann, reports.at(-1))).toThrow(refusal(reason))
    expect(told(0)).toEqual([])
  })
})
