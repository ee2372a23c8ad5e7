import { fingerprintOf } from '@parley/direct'
import { tempFolder } from '@parley/testkit'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { KnownPeers } from './known-peers.ts'
import type { Peer } from './peers.ts'
import { choosePeer, standingOf } from './standing.ts'

const keyOf = (number: number) => Uint8Array.from(Buffer.alloc(32, number))

function peer(name: string, number: number): Peer {
  const publicKey = keyOf(number)
  return { name, publicKey, fingerprint: fingerprintOf(publicKey), endpoints: [] }
}

async function setup() {
  const home = await tempFolder()
  return { home, known: new KnownPeers(home) }
}

describe('how somebody stands', () => {
  test('is new, then known, then trusted', async () => {
    const { known } = await setup()
    const ann = peer('ann', 1)
    expect(await known.meet(ann, 1)).toBe('new')
    expect(await known.meet(ann, 2)).toBe('known')
    await known.trust(ann, undefined, 3)
    expect(await known.meet(ann, 4)).toBe('trusted')
  })

  test('is changed for another key under the same name, in any case, and stays so', async () => {
    const { known } = await setup()
    await known.meet(peer('ann', 1), 1)
    expect(await known.meet(peer('Ann', 2), 2)).toBe('changed')
    expect(await known.meet(peer('Ann', 2), 3)).toBe('changed')
    expect(await known.meet(peer('ann', 1), 4)).toBe('known')
  })

  test('is turned round when the user trusts the other key', async () => {
    const { known } = await setup()
    await known.meet(peer('ann', 1), 1)
    await known.trust(peer('ann', 2), undefined, 2)
    const all = await known.all()
    expect(standingOf(peer('ann', 2), all)).toBe('trusted')
    expect(standingOf(peer('ann', 1), all)).toBe('changed')
  })

  test('is renamed for a known key under a new name, and changed when that was taken', async () => {
    const { known } = await setup()
    await known.meet(peer('ann', 1), 1)
    await known.meet(peer('bob', 2), 1)
    const all = await known.all()
    expect(standingOf(peer('anna', 1), all)).toBe('renamed')
    expect(standingOf(peer('bob', 1), all)).toBe('changed')
  })

  test('is new again when the key was forgotten', async () => {
    const { known } = await setup()
    await known.meet(peer('ann', 1), 1)
    const [{ key } = { key: '' }] = await known.all()
    expect(await known.forget(key)).toBe(true)
    expect(await known.forget(key)).toBe(false)
    expect(await known.meet(peer('ann', 2), 2)).toBe('new')
  })
})

describe('choosing by name or fingerprint', () => {
  test('takes the only one of a name, in any case, and nobody when there is none', () => {
    const ann = peer('Ann', 1)
    expect(choosePeer('ann', [ann], [])).toMatchObject({
      kind: 'chosen',
      peer: ann,
      standing: 'new',
    })
    expect(choosePeer('@ann', [ann], [])).toMatchObject({ kind: 'chosen' })
    expect(choosePeer('bob', [ann], [])).toEqual({ kind: 'nobody' })
  })

  test('asks which when two of a name are new, and takes the one by its fingerprint', () => {
    const both = [peer('ann', 1), peer('ann', 2)]
    const why = { reason: 'AMBIGUOUS_PEER' }
    expect(choosePeer('ann', both, [])).toMatchObject({ kind: 'unclear', why })
    const asked = fingerprintOf(keyOf(2)).toUpperCase()
    expect(choosePeer(asked, both, [])).toMatchObject({ kind: 'chosen', peer: both[1] })
  })

  test('takes the known one beside an impostor, and refuses the impostor alone', async () => {
    const { known } = await setup()
    await known.meet(peer('ann', 1), 1)
    const all = await known.all()
    const both = [peer('ann', 2), peer('ann', 1)]
    expect(choosePeer('ann', both, all)).toMatchObject({ peer: both[1], standing: 'known' })
    const why = { reason: 'PEER_CHANGED' }
    expect(choosePeer('ann', [peer('ann', 2)], all)).toMatchObject({ kind: 'unclear', why })
    expect(choosePeer(fingerprintOf(keyOf(2)), [peer('ann', 2)], all)).toMatchObject({
      kind: 'chosen',
      standing: 'changed',
    })
  })
})

describe('the file of known peers', () => {
  test('is its owner’s only, and keeps whom two meet at once', async () => {
    const { home, known } = await setup()
    await Promise.all([1, 2, 3].map((number) => known.meet(peer(`p${number}`, number), number)))
    const names = (await new KnownPeers(home).all()).map(({ name }) => name)
    expect(names.toSorted()).toEqual(['p1', 'p2', 'p3'])
    expect((await stat(join(home, 'lan-peers.json'))).mode & 0o777).toBe(0o600)
  })

  test('is not taken for empty when it cannot be read', async () => {
    const { home, known } = await setup()
    for (const text of ['', '{}', '[{"name":"ann"}]']) {
      await writeFile(join(home, 'lan-peers.json'), text)
      await expect(known.meet(peer('ann', 1), 1)).rejects.toMatchObject({
        reason: 'LAN_PEERS_BROKEN',
      })
      expect(await readFile(join(home, 'lan-peers.json'), 'utf8')).toBe(text)
    }
  })

  test('remembers nobody new beyond 1,000, but whom the user trusts', async () => {
    const { home, known } = await setup()
    const many = (trusted: (number: number) => boolean) =>
      Array.from({ length: 1_000 }, (_, number) => ({
        name: `p${number}`,
        key: number.toString(16).padStart(64, '0'),
        metAtMs: number,
        trusted: trusted(number),
      }))
    const path = join(home, 'lan-peers.json')
    await writeFile(path, JSON.stringify(many((number) => number === 999)))
    expect(await known.meet(peer('last', 255), 2_000)).toBe('new')
    expect(await known.meet(peer('last', 255), 2_000)).toBe('new')
    await known.trust(peer('last', 255), undefined, 2_001)
    const names = (await known.all()).map(({ name }) => name)
    expect(names).toHaveLength(1_000)
    expect(names.slice(-3)).toEqual(['p997', 'p999', 'last'])
    await writeFile(path, JSON.stringify(many(() => true)))
    await expect(known.trust(peer('last', 255), undefined, 2_001)).rejects.toMatchObject({
      reason: 'TOO_MANY_TRUSTED',
    })
  })
})
