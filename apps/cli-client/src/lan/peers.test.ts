import { fingerprintOf } from '@parley/direct'
import { describe, expect, test } from 'vitest'
import type { Announcement } from './announcement.ts'
import { defaultPeerLimits, Peers } from './peers.ts'

const keyOf = (number: number) => {
  const key = Buffer.alloc(32)
  key.writeUInt32BE(number)
  return Uint8Array.from(key)
}
const own = keyOf(0)
const address = '10.0.0.2'

function heard(number: number, rest: Partial<Announcement> = {}): Announcement {
  return { kind: 'here', name: `p${number}`, tcpPort: 1_000, publicKey: keyOf(number), ...rest }
}

describe('the list of peers', () => {
  test('tells who came, is called otherwise, and left', () => {
    const peers = new Peers(own)
    expect(peers.hear(heard(1), address, 0)).toMatchObject({
      kind: 'came',
      peer: {
        name: 'p1',
        fingerprint: fingerprintOf(keyOf(1)),
        endpoints: [{ address, port: 1_000 }],
      },
    })
    expect(peers.hear(heard(1), address, 1)).toBeUndefined()
    expect(peers.hear(heard(1, { name: 'q' }), address, 2)).toMatchObject({ kind: 'renamed' })
    expect(peers.list()).toMatchObject([{ name: 'q' }])
    expect(peers.hear(heard(1, { kind: 'leaving' }), address, 3)).toMatchObject({ kind: 'left' })
    expect(peers.list()).toEqual([])
  })

  test('does not list oneself, nor somebody for leaving', () => {
    const peers = new Peers(own)
    expect(peers.hear(heard(0), address, 0)).toBeUndefined()
    expect(peers.hear(heard(1, { kind: 'leaving' }), address, 0)).toBeUndefined()
    expect(peers.list()).toEqual([])
  })

  test('lists two of one name as two', () => {
    const peers = new Peers(own)
    peers.hear(heard(1, { name: 'ann' }), address, 0)
    peers.hear(heard(2, { name: 'ann' }), '10.0.0.3', 0)
    expect(peers.list().map(({ name }) => name)).toEqual(['ann', 'ann'])
  })

  test('forgets who is silent for 10 s, and an address that is', () => {
    const peers = new Peers(own)
    peers.hear(heard(1), address, 0)
    peers.hear(heard(2), address, 0)
    peers.hear(heard(2), '10.1.0.2', 6_000)
    expect(peers.lapse(9_999)).toEqual([])
    expect(peers.lapse(10_000)).toMatchObject([{ name: 'p1' }])
    expect(peers.list()).toMatchObject([{ name: 'p2', endpoints: [{ address: '10.1.0.2' }] }])
  })

  test('cannot be emptied by somebody at another address', () => {
    const peers = new Peers(own)
    peers.hear(heard(1), address, 0)
    const leaving = heard(1, { kind: 'leaving' })
    expect(peers.hear(leaving, '10.0.0.66', 1)).toBeUndefined()
    expect(peers.hear({ ...leaving, tcpPort: 66 }, address, 1)).toBeUndefined()
    expect(peers.list()).toHaveLength(1)
  })

  test('keeps the last four places of a key, the newest first', () => {
    const peers = new Peers(own)
    for (let port = 1; port <= 6; port += 1) peers.hear(heard(1, { tcpPort: port }), address, port)
    expect(peers.list()[0]?.endpoints.map(({ port }) => port)).toEqual([6, 5, 4, 3])
  })

  test('takes 16 keys of one address and 256 in all, and goes on hearing of those', () => {
    const peers = new Peers(own)
    for (let number = 1; number <= 100; number += 1) peers.hear(heard(number), address, 0)
    expect(peers.list()).toHaveLength(defaultPeerLimits.peersPerAddress)
    for (let number = 100; number < 1_000; number += 1) {
      peers.hear(heard(number), `10.0.1.${number % 250}`, 0)
    }
    expect(peers.list()).toHaveLength(defaultPeerLimits.peers)
    peers.hear(heard(1), address, 9_000)
    expect(peers.lapse(10_000)).toHaveLength(defaultPeerLimits.peers - 1)
    expect(peers.list()).toMatchObject([{ name: 'p1' }])
  })
})
