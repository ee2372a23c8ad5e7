import { makeKeyPair } from '@parley/direct'
import { systemScheduler } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { lanWorld, patience, peerOf, say, words } from '../testing/lan-world.ts'

describe('three clients of one network', () => {
  test('see each other with their keys, talk both ways, and hear who leaves', async () => {
    const { join } = await lanWorld()
    const [ann, bob, cat] = [await join('ann'), await join('bob'), await join('cat')]
    expect((await peerOf(ann, 'bob')).publicKey).toEqual(bob.me.publicKey)
    await peerOf(bob, 'cat')
    await say(ann, 'bob', 'hello bob')
    await say(cat, 'bob', 'me too')
    await say(bob, 'ann', 'hello ann')
    expect(bob.said).toEqual([
      { text: 'hello bob', who: 'ann' },
      { text: 'me too', who: 'cat' },
    ])
    expect(ann.said).toEqual([{ text: 'hello ann', who: 'bob' }])
    expect(ann.met.map(({ publicKey }) => publicKey)).toContainEqual(bob.me.publicKey)
    await cat.lan.close()
    await eventually(() => ann.left.includes('cat') && bob.left.includes('cat'), patience)
    expect(ann.lan.peers.map(({ name }) => name)).toEqual(['bob'])
  })

  test('show a message once, however often it comes, and lines said at once in their order', async () => {
    const { join } = await lanWorld()
    const [ann, bob] = [await join('ann'), await join('bob')]
    const peer = await peerOf(ann, 'bob')
    const lines = Array.from({ length: 30 }, (_, nth) => words(`line ${nth}`))
    const sayAll = () => lines.map(async (line) => (await ann.lan.talkTo(peer)).say(line))
    await Promise.all(sayAll())
    await Promise.all(sayAll())
    expect(bob.said.map(({ text }) => text)).toEqual(lines.map(({ text }) => text))
  })

  test('hang up when they cannot remember whom they have called', async () => {
    const { join } = await lanWorld()
    const full = () => Promise.reject(new Error('the disk is full'))
    const bob = await join('bob')
    const ann = await join('ann', makeKeyPair(), true, systemScheduler, full)
    const peer = await peerOf(ann, 'bob')
    await expect(ann.lan.talkTo(peer)).rejects.toMatchObject({ reason: 'PEER_UNREACHABLE' })
    await eventually(() => bob.met.length > 0, patience)
    const saying = say(bob, 'ann', 'are you there?')
    await expect(saying).rejects.not.toMatchObject({ reason: 'TIMED_OUT' })
  })

  test('do not list who only looks', async () => {
    const { join } = await lanWorld()
    const [eve, ann] = [await join('eve', makeKeyPair(), false), await join('ann')]
    await peerOf(eve, 'ann')
    await say(eve, 'ann', 'I can still say something')
    expect(ann.said).toHaveLength(1)
    expect(ann.lan.peers).toEqual([])
  })
})
