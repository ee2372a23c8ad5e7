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

  test('keeps where a key was proven, whoever announces it at however many places, and tries that first', () => {
    const { peers, flood } = announcedBy((nth) => `10.0.0.${100 + (nth % 100)}`)
    peers.tried(keyOf(1), { address, port: 1_000 }, true)
    flood()
    expect(placesOf(peers)).toHaveLength(4)
    expect(placesOf(peers)[0]).toEqual({ address, port: 1_000 })
  })

  test('gives no place to who is not proven while all four are', () => {
    const peers = new Peers(own)
    for (const port of [1, 2, 3, 4]) {
      peers.hear(heard(1, { tcpPort: port }), address, port)
      peers.tried(keyOf(1), { address, port }, true)
    }
    peers.hear(heard(1, { tcpPort: 5 }), '10.0.0.66', 5)
    expect(placesOf(peers).map(({ port }) => port)).toEqual([4, 3, 2, 1])
    peers.lapse(10_001)
    peers.hear(heard(1, { tcpPort: 5 }), '10.0.0.66', 10_001)
    expect(placesOf(peers).map(({ port }) => port)).toEqual([4, 3, 2, 5])
  })

  test('takes the proof from a place where somebody else was met later, or nobody', () => {
    const { peers, flood } = announcedBy((nth) => `10.0.0.${100 + (nth % 100)}`)
    peers.tried(keyOf(1), { address, port: 1_000 }, true)
    peers.tried(keyOf(1), { address, port: 1_000 }, false)
    flood()
    expect(placesOf(peers)).not.toContainEqual({ address, port: 1_000 })
  })

  test('remembers no proof of a place that is not listed, nor one of a key for another', () => {
    const { peers, flood } = announcedBy((nth) => `10.0.0.${100 + (nth % 100)}`)
    peers.tried(keyOf(1), { address: '10.0.0.3', port: 1_000 }, true)
    peers.tried(keyOf(2), { address, port: 1_000 }, true)
    flood()
    expect(placesOf(peers)).not.toContainEqual({ address, port: 1_000 })
    expect(peers.list()).toHaveLength(1)
  })

  test('leaves the place of a key that was never proven to who floods from up to three other addresses', () => {
    for (const addresses of [1, 2, 3]) {
      const { peers, flood } = announcedBy((nth) => `10.0.0.${100 + (nth % addresses)}`)
      flood()
      expect(placesOf(peers).slice(0, addresses + 1)).toContainEqual({ address, port: 1_000 })
    }
  })
})

/** Somebody is here, and then a stranger announces the same key from such addresses, each time at another port. */
function announcedBy(addressOf: (nth: number) => string) {
  const peers = new Peers(own)
  peers.hear(heard(1), address, 0)
  const flood = () => {
    for (let nth = 1; nth <= 200; nth += 1) {
      peers.hear(heard(1, { tcpPort: 2_000 + nth }), addressOf(nth), nth)
    }
  }
  return { peers, flood }
}

function placesOf(peers: Peers) {
  return peers.list()[0]?.endpoints ?? []
}
