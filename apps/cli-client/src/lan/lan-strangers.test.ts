import { makeKeyPair, openChannel } from '@parley/direct'
import { systemScheduler } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { lanWorld, patience, peerOf, say, shout, words } from '../testing/lan-world.ts'
import { encodeAnnouncement } from './announcement.ts'
import { lanGroup } from './beacon.ts'
import { encodeLanMessage } from './lan-message.ts'

/** For a client none of whose time limits ends anything here. */
const slow: typeof systemScheduler = {
  ...systemScheduler,
  setTimer: (ms, fn) => systemScheduler.setTimer(ms * 1_000, fn),
}

describe('a client of a network', () => {
  test('lists an impostor beside the one whose name it took', async () => {
    const { join } = await lanWorld()
    const [ann] = [await join('ann'), await join('bob'), await join('bob')]
    await eventually(() => ann.lan.peers.length === 2, patience)
    const [one, other] = ann.lan.peers
    expect(one?.fingerprint).not.toBe(other?.fingerprint)
  })

  test('goes on after garbage by UDP and TCP', async () => {
    const { join, port } = await lanWorld()
    const [ann, bob] = [await join('ann'), await join('bob')]
    const { endpoints } = await peerOf(ann, 'bob')
    await shout(Buffer.from('garbage'), port, 10)
    await shout(Buffer.alloc(1_400, 1), port, 10)
    for (const bytes of ['GET / HTTP/1.1\r\n\r\n', '101|ann,secret\n', '\u0000']) {
      const socket = connect(endpoints[0]!.port, '127.0.0.1')
      const closed = new Promise((resolve) => socket.once('close', resolve))
      socket.on('error', () => undefined).write(bytes)
      if (bytes.length > 1) await closed
      socket.destroy()
    }
    await say(ann, 'bob', 'still here')
    expect(bob.said).toHaveLength(1)
  })

  test('hangs up on who proves a key and then says nonsense, or has no name', async () => {
    const { join } = await lanWorld()
    const [ann, bob] = [await join('ann'), await join('bob')]
    const { port, address } = (await peerOf(ann, 'bob')).endpoints[0]!
    const call = (hello: string) => {
      const socket = connect(port, address)
      onTestFinished(() => void socket.destroy())
      return openChannel(socket, {
        me: makeKeyPair(),
        role: 'initiator',
        purpose: 'lan 1',
        hello: Buffer.from(hello),
      })
    }
    const nameless = await call('')
    nameless.onMessage(() => undefined)
    expect(await nameless.ended).toBeUndefined()
    const eve = await call('eve')
    eve.onMessage(() => undefined)
    eve.send(Buffer.from('nonsense'))
    expect(await eve.ended).toBeUndefined()
    expect(bob.met.map(({ name }) => name)).toEqual(['eve'])
    expect(bob.said).toEqual([])
  })

  test('makes who talks too fast wait, and loses nothing', async () => {
    const { join } = await lanWorld()
    const [ann, bob] = [await join('ann'), await join('bob')]
    const { port, address } = (await peerOf(ann, 'bob')).endpoints[0]!
    const socket = connect(port, address)
    onTestFinished(() => void socket.destroy())
    const hello = Buffer.from('eve')
    const eve = await openChannel(socket, {
      me: makeKeyPair(),
      role: 'initiator',
      purpose: 'lan 1',
      hello,
    })
    const beganMs = performance.now()
    const answers: Uint8Array[] = []
    eve.onMessage((message) => answers.push(message))
    const messages = 120
    for (let nth = 0; nth < messages; nth += 1) eve.send(encodeLanMessage(words(`m${nth}`)))
    await eventually(() => answers.length === messages, patience)
    // 100 at once, then 20 a second.
    expect(performance.now() - beganMs).toBeGreaterThan(900)
    expect(bob.said.map(({ text }) => text)).toEqual(
      Array.from({ length: messages }, (_, nth) => `m${nth}`),
    )
  })

  test('takes eight connections of one address', async () => {
    const { join } = await lanWorld()
    const [ann] = [await join('ann'), await join('bob', makeKeyPair(), true, slow)]
    const { port, address } = (await peerOf(ann, 'bob')).endpoints[0]!
    const sockets = Array.from({ length: 12 }, () => {
      const socket = connect(port, address).on('error', () => undefined)
      onTestFinished(() => void socket.destroy())
      return socket
    })
    await eventually(() => sockets.filter(({ destroyed }) => destroyed).length === 4, patience)
  })

  test('takes 20 connections of one address at once, and no more however short they are', async () => {
    const { join } = await lanWorld()
    const [ann] = [await join('ann'), await join('bob')]
    const { port, address } = (await peerOf(ann, 'bob')).endpoints[0]!
    const beganMs = performance.now()
    let answered = 0
    for (let nth = 0; nth < 60; nth += 1) {
      const socket = connect(port, address).on('error', () => undefined)
      const closed = new Promise((resolve) => socket.once('close', resolve))
      const opening = openChannel(socket, {
        me: makeKeyPair(),
        role: 'initiator',
        purpose: 'other',
      })
      // Whoever is heard gets an answer, if one it cannot read.
      await opening.catch(({ reason }: { reason: string }) => {
        if (reason === 'HANDSHAKE_WRONG') answered += 1
      })
      await closed
    }
    const seconds = (performance.now() - beganMs) / 1_000
    expect(answered).toBeGreaterThanOrEqual(20)
    expect(answered).toBeLessThanOrEqual(20 + 5 * seconds + 1)
  })

  test('hears 60 announcements of one address at once, then 20 a second', async () => {
    const { join, port } = await lanWorld()
    const ann = await join('ann')
    const beganMs = performance.now()
    const named = (nth: number) => {
      const publicKey = keys[nth % keys.length]!.publicKey
      return encodeAnnouncement({ kind: 'here', name: `n${nth}`, tcpPort: 9, publicKey })
    }
    const keys = Array.from({ length: 10 }, () => makeKeyPair())
    for (let nth = 0; nth < 300; nth += 1) await shout(named(nth), port)
    await eventually(() => ann.changes.length >= 50, patience)
    const seconds = (performance.now() - beganMs) / 1_000
    expect(ann.changes.length).toBeLessThanOrEqual(60 + 20 * seconds + 1)
  })

  test('says that somebody is gone, and finds them at their next place', async () => {
    const { join } = await lanWorld()
    const [ann, key] = [await join('ann'), makeKeyPair()]
    const bob = await join('bob', key)
    const before = await peerOf(ann, 'bob')
    await say(ann, 'bob', 'one')
    await bob.lan.close()
    // It waits a second at most for ann to hear that it goes.
    await eventually(async () => {
      await expect(ann.lan.talkTo(before)).rejects.toMatchObject({ reason: 'PEER_UNREACHABLE' })
    }, patience)
    await eventually(() => ann.left.includes('bob'), patience)
    const again = await join('bob', key)
    await say(ann, 'bob', 'two')
    expect(again.said).toEqual([{ text: 'two', who: 'ann' }])
  })

  test('answers no announcement, and sends nothing before it appears', async () => {
    const { join, port } = await lanWorld()
    await join('eve', makeKeyPair(), false)
    const ear = createSocket({ type: 'udp4', reuseAddr: true })
    const came: Buffer[] = []
    ear.on('message', (datagram) => came.push(datagram))
    await new Promise<void>((resolve) => ear.bind(port, '0.0.0.0', resolve))
    onTestFinished(() => void ear.close())
    ear.addMembership(lanGroup, '127.0.0.1')
    const publicKey = makeKeyPair().publicKey
    const own = createSocket('udp4')
    onTestFinished(() => void own.close())
    const answers: Buffer[] = []
    own.on('message', (datagram) => answers.push(datagram))
    await new Promise<void>((resolve) => own.bind(0, '127.0.0.1', resolve))
    const datagram = encodeAnnouncement({ kind: 'here', name: 'x', tcpPort: 9, publicKey })
    own.setMulticastInterface('127.0.0.1')
    for (let nth = 0; nth < 20; nth += 1) own.send(datagram, port, lanGroup)
    // A client that does appear is heard: what came before it has come.
    await join('ann')
    await eventually(() => came.some((each) => each.includes('ann')), patience)
    const others = came.filter((each) => !each.equals(datagram) && !each.includes('ann'))
    expect(others).toEqual([])
    expect(answers).toEqual([])
  })

  test('lets go at once of who has not said who they are when it leaves', async () => {
    const { join } = await lanWorld()
    const [ann, bob] = [await join('ann'), await join('bob', makeKeyPair(), true, slow)]
    const { port, address } = (await peerOf(ann, 'bob')).endpoints[0]!
    const socket = connect(port, address).on('error', () => undefined)
    const closed = new Promise((resolve) => socket.once('close', resolve))
    await new Promise((resolve) => socket.once('connect', resolve))
    // Bob has taken the earlier connection when he has answered a later one.
    await say(ann, 'bob', 'hello')
    await bob.lan.close()
    await closed
  })
})
