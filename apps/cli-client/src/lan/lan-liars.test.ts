import { makeKeyPair } from '@parley/direct'
import { systemScheduler } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { lanWorld, patience, peerOf, say, shout } from '../testing/lan-world.ts'
import { encodeAnnouncement } from './announcement.ts'

/** For a client whose limits last twenty times as long, on a machine with other work to do. */
const patient: typeof systemScheduler = {
  ...systemScheduler,
  monotonic: () => systemScheduler.monotonic() / 20,
}

describe('when a stranger announces the key of another, a client', () => {
  test('says nothing to who took the place of another key', async () => {
    const { join, port } = await lanWorld()
    const [ann, eve] = [await join('ann'), await join('eve')]
    const bob = makeKeyPair()
    const { endpoints } = await peerOf(ann, 'eve')
    // Eve announces bob's key at her own door.
    const tcpPort = endpoints[0]!.port
    await shout(
      encodeAnnouncement({ kind: 'here', name: 'bob', tcpPort, publicKey: bob.publicKey }),
      port,
    )
    await expect(say(ann, 'bob', 'secret')).rejects.toMatchObject({ reason: 'KEY_UNEXPECTED' })
    expect(eve.said).toEqual([])
    expect(eve.met).toEqual([])
  })

  test('finds a key where it was proven, however many places a stranger announces for it', async () => {
    const { join, port } = await lanWorld()
    const [ann, bob, eve] = [await join('ann'), await join('bob'), await join('eve')]
    const { endpoints } = await peerOf(ann, 'bob')
    const { publicKey } = bob.me
    const { port: evesDoor } = (await peerOf(ann, 'eve')).endpoints[0]!
    await say(ann, 'bob', 'one')
    const talk = await ann.lan.talkTo(await peerOf(ann, 'bob'))
    await talk.close()
    const lies = [evesDoor, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    for (const tcpPort of lies) {
      await shout(encodeAnnouncement({ kind: 'here', name: 'bob', tcpPort, publicKey }), port)
    }
    // The last lie has come: bob's door would have been pushed out.
    const places = await eventually(async () => {
      const heard = (await peerOf(ann, 'bob')).endpoints
      if (!heard.some((each) => each.port === 9)) throw new Error('not yet')
      return heard
    }, patience)
    expect(places).toHaveLength(4)
    expect(places[0]).toEqual(endpoints[0])
    await say(ann, 'bob', 'two')
    expect(bob.said.map(({ text }) => text)).toEqual(['one', 'two'])
    expect(eve.met).toEqual([])
  })

  test('finds who it is after only the stranger was heard of', async () => {
    const { join, port } = await lanWorld()
    const [ann, key] = [await join('ann', makeKeyPair(), true, patient), makeKeyPair()]
    const { publicKey } = key
    await shout(encodeAnnouncement({ kind: 'here', name: 'bob', tcpPort: 9, publicKey }), port)
    const saying = say(ann, 'bob', 'one')
    const [bob] = await Promise.all([join('bob', key), saying])
    expect(bob.said.map(({ text }) => text)).toEqual(['one'])
  })
})
