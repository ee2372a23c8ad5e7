import { FakeScheduler } from '@parley/testkit'
import { describe, expect, it, test } from 'vitest'
import { callerAddress } from './caller-address.ts'
import { freeFailures, maxWaitMs } from './failure-book.ts'
import { memoryRates, rateLimits } from './rates.ts'

const limited = expect.objectContaining({ kind: 'rate-limited', reason: 'RATE_LIMITED' })

describe('rates', () => {
  it('let an address register so often, another one still, and the first again later', async () => {
    const scheduler = new FakeScheduler()
    const rates = memoryRates(scheduler)
    for (let i = 0; i < rateLimits.registrationsOfAddress.burst; i += 1) rates.register('a')
    expect(() => rates.register('a')).toThrow(limited)
    rates.register('b')
    await scheduler.advance(5_000)
    rates.register('a')
    expect(() => rates.register('a')).toThrow(limited)
  })

  it('bound what all addresses do together', () => {
    const rates = memoryRates(new FakeScheduler())
    for (let i = 0; i < rateLimits.logins.burst; i += 1) rates.login(`address ${i}`, 'alice')
    expect(() => rates.login('another', 'alice')).toThrow(limited)
  })

  it('bound refreshes of an address, calls and searches of a user', () => {
    const rates = memoryRates(new FakeScheduler())
    for (let i = 0; i < rateLimits.refreshesOfAddress.burst; i += 1) rates.refresh('a')
    expect(() => rates.refresh('a')).toThrow(limited)
    for (let i = 0; i < rateLimits.callsOfUser.burst; i += 1) rates.call(1)
    expect(() => rates.call(1)).toThrow(limited)
    rates.call(2)
    for (let i = 0; i < rateLimits.searchesOfUser.burst; i += 1) rates.search(1)
    expect(() => rates.search(1)).toThrow(limited)
    rates.search(2)
  })

  it('bound how many strangers a user bothers', async () => {
    const scheduler = new FakeScheduler()
    const rates = memoryRates(scheduler)
    rates.approach(1, 200)
    rates.approach(1, 300)
    expect(() => rates.approach(1, 1)).toThrow(limited)
    rates.approach(1, 0)
    rates.approach(2, 200)
    await scheduler.advance(1_000)
    rates.approach(1, 1)
  })

  it('can be widened for a test bench', () => {
    const rates = memoryRates(new FakeScheduler(), 10)
    const burst = rateLimits.registrationsOfAddress.burst * 10
    for (let i = 0; i < burst; i += 1) rates.register('a')
    expect(() => rates.register('a')).toThrow(limited)
  })

  it('make wrong passwords wait longer and longer, for that address and account only', async () => {
    const scheduler = new FakeScheduler()
    const rates = memoryRates(scheduler)
    for (let i = 0; i < freeFailures; i += 1) rates.loginFailed('a', 'alice')
    rates.login('a', 'alice')
    rates.loginFailed('a', 'alice')
    expect(() => rates.login('a', 'alice')).toThrow(limited)
    rates.login('b', 'alice')
    rates.login('a', 'bob')
    await scheduler.advance(1_000)
    rates.login('a', 'alice')
    for (let i = 0; i < 20; i += 1) rates.loginFailed('a', 'alice')
    await scheduler.advance(maxWaitMs - 1)
    expect(() => rates.login('a', 'alice')).toThrow(limited)
    await scheduler.advance(1)
    rates.login('a', 'alice')
  })

  it('forgive wrong passwords after the right one, and after a while', async () => {
    const scheduler = new FakeScheduler()
    const rates = memoryRates(scheduler)
    const fail = () => {
      for (let i = 0; i < 10; i += 1) rates.loginFailed('a', 'alice')
    }
    fail()
    rates.loginSucceeded('a', 'alice')
    rates.login('a', 'alice')
    fail()
    await scheduler.advance(15 * 60_000 + 1)
    rates.loginFailed('a', 'alice')
    rates.login('a', 'alice')
  })
})

describe('callers', () => {
  test.each([
    ['127.0.0.1:4711', '127.0.0.1', 'IPv4'],
    ['ipv4:127.0.0.1:4711', '127.0.0.1', 'IPv4 as gRPC writes it'],
    ['[::ffff:10.0.0.1]:4711', '10.0.0.1', 'IPv4 in IPv6'],
    ['[2001:db8:1:2:3:4:5:6]:4711', '2001:db8:1:2', 'IPv6'],
    ['ipv6:[2001:db8::1]:4711', '2001:db8:0:0', 'IPv6 with zeros left out'],
    ['[::1]:4711', '0:0:0:0', 'loopback'],
    ['[fe80::1%eth0]:4711', 'fe80:0:0:0', 'with a zone'],
    ['unknown', 'unknown', 'a socket without address'],
  ])('at %s count as %s: %s', (peer, address) => {
    expect(callerAddress(peer)).toBe(address)
  })
})
