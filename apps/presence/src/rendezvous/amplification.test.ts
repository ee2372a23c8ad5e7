import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createLogger } from '@parley/service-kit'
import { FakeScheduler, eventually, seededRandom } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { logEvents } from '../events.ts'
import { rendezvousLimits } from '../limits.ts'
import type { Endpoint } from './endpoint.ts'
import { endpointText } from './endpoint.ts'
import { hearing } from './hearing.ts'
import { parseDatagram } from './parse-words.ts'
import { MemoryNameBook } from './rendezvous.fixture.ts'
import { Rendezvous } from './rendezvous.ts'
import { tcp } from './seed-client.fixture.ts'

const addresses = 500

const both = { where: true, seed: true }
const where = { where: true, seed: false }
const seed = { where: false, seed: true }

/** A rendezvous without sockets: what comes in and goes out is counted by address. */
function setup(serves = both) {
  const scheduler = new FakeScheduler()
  const bytes = new Map<string, { in: number; out: number }>()
  const count = ({ address }: Endpoint, way: 'in' | 'out', length: number) => {
    const counted = bytes.get(address) ?? { in: 0, out: 0 }
    counted[way] += length
    bytes.set(address, counted)
  }
  const sent: string[] = []
  const names = new MemoryNameBook()
  const send = (text: string, to: Endpoint) => {
    sent.push(text)
    count(to, 'out', Buffer.byteLength(text))
  }
  const events = logEvents(createLogger('presence', 'silent'))
  const rendezvous = new Rendezvous({ scheduler, names, events, port: 20_005, send })
  const ear = hearing({
    scheduler,
    send,
    where: serves.where,
    seed: serves.seed ? rendezvous : undefined,
  })
  const hear = (datagram: Buffer, source: Endpoint) => {
    count(source, 'in', datagram.length)
    ear(datagram, source)
  }
  return { scheduler, rendezvous, hear, bytes, sent, names }
}

/** Datagrams by a seed: half of them as the protocol has them, half mutated or any bytes. */
function datagramsBy(seed: number) {
  const random = seededRandom(seed)
  const below = (most: number) => Math.floor(random() * most)
  const endpoint = () => {
    const address =
      below(8) === 0 ? `2001:db8::${below(addresses)}` : `10.0.${below(2)}.${below(250)}`
    return { address, port: 1 + below(below(2) === 0 ? 4 : 65_535) }
  }
  const wellFormed = (source: Endpoint) => {
    if (below(8) === 0) return Buffer.from(`where,${'0a'.repeat(16)},${'x'.repeat(below(60))}`)
    const word = below(3) === 0 ? 'logout' : 'login'
    const name = ['a', 'ann', '小明', `u${below(1_000)}`][below(4)] ?? 'a'
    return Buffer.from(`${word},${name},${endpointText(below(2) === 0 ? source : endpoint())}`)
  }
  const broken = (source: Endpoint) => {
    if (below(2) === 0)
      return Buffer.from(Array.from({ length: below(below(8) === 0 ? 300 : 40) }, () => below(256)))
    const bytes = wellFormed(source)
    const kept = bytes.subarray(0, below(bytes.length))
    return below(2) === 0 ? kept : Buffer.concat([kept, Buffer.from([below(256)]), bytes])
  }
  return () => {
    const source = endpoint()
    return { source, datagram: below(2) === 0 ? wellFormed(source) : broken(source) }
  }
}

describe.each([
  { serves: both, note: 'both', datagrams: 100_000, heres: 0.01, accepts: 0.04 },
  { serves: where, note: 'where alone', datagrams: 50_000, heres: 0.01, accepts: 0 },
  { serves: seed, note: "the seed's protocol alone", datagrams: 50_000, heres: 0, accepts: 0.04 },
])('with $note', ({ serves, datagrams, heres, accepts }) => {
  test('of many random datagrams no unproven address gets more bytes than it sent, and nothing changes', () => {
    const { scheduler, rendezvous, hear, bytes, sent, names } = setup(serves)
    const next = datagramsBy(20_005)
    let wellFormed = 0
    for (let i = 0; i < datagrams; i += 1) {
      const { source, datagram } = next()
      const isQuestion = datagram.toString().startsWith('where,')
      if (isQuestion || parseDatagram(datagram) !== undefined) wellFormed += 1
      hear(datagram, source)
      const { in: came, out } = bytes.get(source.address) ?? { in: 0, out: 0 }
      if (out > came) throw new Error(`${source.address} got ${out} bytes for ${came}`)
      // So slowly that most are not dropped for their number: that would be a lesser test.
      scheduler.advanceSync(4)
      if (i % 50 === 0) rendezvous.sweep()
    }
    const over = [...bytes].filter(([, { in: came, out }]) => out > came)
    expect(over).toEqual([])
    expect(wellFormed).toBeGreaterThan(datagrams * 0.45)
    expectOf(heres * datagrams, sent.filter((text) => /^here,(0a){16},/.test(text)).length)
    expectOf(accepts * datagrams, sent.filter((text) => text === 'Accept,20005').length)
    expect(sent.every((text) => /^here,(0a){16},|^Accept,20005$/.test(text))).toBe(true)
    expect(names.asked).toBe(0)
    const { members, open, waiting } = rendezvous.counts
    expect([members, open]).toEqual([0, 0])
    expect(waiting).toBeLessThanOrEqual(accepts === 0 ? 0 : rendezvousLimits.waiting.addresses)
  })
})

// So many at least of what is served, none of what is not.
function expectOf(least: number, count: number): void {
  if (least === 0) expect(count).toBe(0)
  else expect(count).toBeGreaterThan(least)
}

test('whoever has no connection from there logs nobody in or out, by 20,000 datagrams about members', async () => {
  const { rendezvous, hear, sent, scheduler } = setup()
  const server = createServer((socket) => rendezvous.arrived(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  onTestFinished(() => rendezvous.close())
  const { port } = server.address() as AddressInfo
  const streams: Awaited<ReturnType<typeof tcp>>[] = []
  for (const [index, name] of ['ann', 'bob'].entries()) {
    const address = `127.0.0.${index + 1}`
    hear(Buffer.from(`login,${name},${address}:${4000 + index}`), { address, port: 5_000 + index })
    const stream = await tcp(port, { address })
    await eventually(() => stream.text.endsWith('end'))
    streams.push(stream)
  }
  const told = () => [
    ...streams.map(({ text }) => text),
    sent.filter((text) => text.startsWith('log')),
  ]
  await eventually(() => streams[0]?.text.endsWith('login,bob,127.0.0.2:4001\n') === true)
  const before = told()
  const random = seededRandom(7)
  const one = <T>(...of: readonly T[]) => of[Math.floor(random() * of.length)]!
  for (let i = 0; i < 20_000; i += 1) {
    const [name, index] = one(['ann', 1] as const, ['bob', 2] as const)
    const endpoint = `127.0.0.${index}:${3999 + index}`
    // The announced endpoint, which everybody knows; another's; another port; any address: never where it asked.
    const address = one(`127.0.0.${index}`, `127.0.0.${3 - index}`, `10.0.0.${i % 256}`)
    const source = { address, port: one(3999 + index, 5_001 + index, i % 4_000) }
    hear(Buffer.from(`${one('login', 'logout')},${name},${endpoint}`), source)
    // So slowly that the rate of an address lets nearly all of them be heard.
    scheduler.advanceSync(200)
  }
  await new Promise(setImmediate)
  expect(told()).toEqual(before)
  expect(rendezvous.counts).toMatchObject({ members: 2, open: 2 })
  hear(Buffer.from('logout,bob,127.0.0.2:4002'), { address: '127.0.0.2', port: 5_001 })
  expect(rendezvous.counts).toMatchObject({ members: 2 })
  hear(Buffer.from('logout,bob,127.0.0.2:4001'), { address: '127.0.0.2', port: 5_001 })
  await eventually(() => streams[0]?.text.endsWith('logout,bob,127.0.0.2:4001\n') === true)
})

test.each([
  { serves: where, text: `where,${'0a'.repeat(16)},${'x'.repeat(64)}`, note: 'where alone' },
  { serves: both, text: 'login,ann,10.0.0.1:1', note: 'both' },
])(
  'a flood is heard no more often than the rates of an address and of all allow, with $note',
  ({ serves, text }) => {
    const { hear, sent } = setup(serves)
    const at = (address: string, port: number) => ({ address, port })
    for (let port = 1; port <= 1_000; port += 1) hear(Buffer.from(text), at('10.0.0.1', 1))
    expect(sent).toHaveLength(rendezvousLimits.datagramsOfAddress.burst)
    for (let i = 0; i < 10_000; i += 1) {
      hear(Buffer.from(text), at(`10.${1 + (i >> 8)}.${i & 255}.1`, 1))
    }
    expect(sent).toHaveLength(rendezvousLimits.datagrams.burst)
  },
)

test('what says that it comes from port 0, where nothing can be sent, is not answered', () => {
  const { hear, sent, rendezvous } = setup()
  const question = `where,${'0a'.repeat(16)},${'x'.repeat(64)}`
  for (const text of [question, 'login,ann,10.0.0.1:1', 'logout,ann,10.0.0.1:1']) {
    hear(Buffer.from(text), { address: '10.0.0.1', port: 0 })
  }
  expect(sent).toEqual([])
  expect(rendezvous.counts.waiting).toBe(0)
})
