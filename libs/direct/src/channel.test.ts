import { eventually, FakeScheduler } from '@parley/testkit'
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { Channel } from './channel.ts'
import { maxMessageBytes } from './channel.ts'
import { framed } from './frame-reader.ts'
import { makeKeyPair } from './key-pair.ts'
import { openChannel } from './open-channel.ts'
import type { ChannelOptions } from './open-channel.ts'
import { socketPair } from './testing/sockets.ts'

const patience = { timeoutMs: 30_000 }
const ann = makeKeyPair()
const bob = makeKeyPair()

type Side = Partial<ChannelOptions>

function opening(socket: Socket, role: 'initiator' | 'responder', side: Side): Promise<Channel> {
  return openChannel(socket, {
    me: role === 'initiator' ? ann : bob,
    role,
    purpose: 'test',
    ...side,
  })
}

async function setup(both: Side = {}, sides: { ann?: Side; bob?: Side } = {}) {
  const [near, far] = await socketPair()
  const [fromAnn, fromBob] = await Promise.all([
    opening(near, 'initiator', { ...both, ...sides.ann }),
    opening(far, 'responder', { ...both, ...sides.bob }),
  ])
  const heard: string[] = []
  return { ann: fromAnn, bob: fromBob, near, far, heard, hear: heardBy(fromBob, heard) }
}

function heardBy(channel: Channel, heard: string[]) {
  return () => channel.onMessage((message) => heard.push(Buffer.from(message).toString()))
}

// Both openings, whatever comes of them.
async function reasons(sides: { ann?: Side; bob?: Side }) {
  const [near, far] = await socketPair()
  const [one, other] = await Promise.allSettled([
    opening(near, 'initiator', sides.ann ?? {}),
    opening(far, 'responder', sides.bob ?? {}),
  ])
  const why = (result: PromiseSettledResult<Channel>) =>
    result.status === 'rejected' ? (result.reason as { reason: string }).reason : 'opened'
  return [why(one), why(other)]
}

describe('a channel', () => {
  test('tells each side the key and the words of the other, and both the same binding', async () => {
    const world = await setup(
      {},
      { ann: { hello: Buffer.from('I am ann') }, bob: { hello: Buffer.from('bob here') } },
    )
    expect(world.ann.remoteKey).toEqual(bob.publicKey)
    expect(world.bob.remoteKey).toEqual(ann.publicKey)
    expect(Buffer.from(world.ann.remoteHello).toString()).toBe('bob here')
    expect(Buffer.from(world.bob.remoteHello).toString()).toBe('I am ann')
    expect(world.ann.binding).toEqual(world.bob.binding)
  })

  test('carries messages of every size whole and in order, over changes of the key', async () => {
    const { ann: from, bob: to } = await setup({ limits: { messagesPerKey: 7 } })
    const sizes = [0, 1, 100, maxMessageBytes, 65_000, ...Array.from({ length: 200 }, (_, n) => n)]
    const got: Buffer[] = []
    to.onMessage((message) => got.push(Buffer.from(message)))
    for (const [nth, size] of sizes.entries()) {
      if (!from.send(Buffer.alloc(size, nth))) await from.drained()
    }
    await eventually(() => got.length === sizes.length, patience)
    expect(got.every((message, nth) => message.equals(Buffer.alloc(sizes[nth]!, nth)))).toBe(true)
  })

  test('keeps what was said before anybody listened, and while it was paused', async () => {
    const { ann: from, bob: to, heard, hear } = await setup()
    from.send(Buffer.from('early'))
    hear()
    await eventually(() => heard.length === 1, patience)
    to.pause()
    from.send(Buffer.from('later'))
    from.send(Buffer.from('last'))
    const closed = from.close()
    expect(heard).toEqual(['early'])
    to.resume()
    expect(await to.ended).toBeUndefined()
    await closed
    expect(heard).toEqual(['early', 'later', 'last'])
  })

  test('shows nothing of what it carries on the wire', async () => {
    const { ann: from, far, hear, heard } = await setup()
    const wire: Buffer[] = []
    far.on('data', (chunk: Buffer) => wire.push(chunk))
    hear()
    from.send(Buffer.from('a secret that nobody else reads'))
    await eventually(() => heard.length === 1, patience)
    expect(Buffer.concat(wire).includes('secret')).toBe(false)
  })

  test('is over for both sides when one closes it, and takes no more', async () => {
    const world = await setup()
    world.hear()
    world.ann.send(Buffer.from('bye'))
    await world.ann.close()
    expect(await world.bob.ended).toBeUndefined()
    expect(world.heard).toEqual(['bye'])
    expect(() => world.ann.send(Buffer.from('x'))).toThrow(
      expect.objectContaining({ reason: 'CHANNEL_OVER' }),
    )
    expect(() => world.bob.send(Buffer.from('x'))).toThrow(
      expect.objectContaining({ reason: 'CHANNEL_OVER' }),
    )
    await world.bob.close()
  })

  test('lets go of a side that does not hear the goodbye', async () => {
    const scheduler = new FakeScheduler()
    const { ann: from } = await setup({}, { ann: { scheduler } })
    const closed = from.close()
    await scheduler.advance(1_000)
    await closed
    expect(await from.ended).toBeUndefined()
  })

  test('tells a lost connection from a goodbye', async () => {
    const { ann: from, bob: to, near, hear } = await setup()
    hear()
    near.destroy()
    expect(await to.ended).toMatchObject({ reason: 'CHANNEL_CUT' })
    expect(await from.ended).toMatchObject({ reason: 'CHANNEL_CUT' })
  })

  test('ends at anything that the other side did not encrypt as its next message', async () => {
    const forgeries: ((wire: Socket, genuine: Buffer) => void)[] = [
      (wire) => wire.write(framed(Buffer.from('garbage that is long enough for a tag'))),
      (wire) => wire.write(framed(Buffer.alloc(3))),
      (wire, genuine) => wire.write(genuine),
    ]
    for (const forge of forgeries) {
      const { ann: from, bob: to, near, far, hear, heard } = await setup()
      const seen: Buffer[] = []
      far.on('data', (chunk: Buffer) => seen.push(chunk))
      hear()
      from.send(Buffer.from('genuine'))
      await eventually(() => heard.length === 1, patience)
      forge(near, Buffer.concat(seen))
      expect(await to.ended).toMatchObject({ reason: 'FRAME_FORGED' })
      expect(heard).toEqual(['genuine'])
    }
  })

  test('refuses a message that is too large, and more than the other side takes', async () => {
    const { ann: from } = await setup({ limits: { unsentBytes: 300_000 } })
    expect(() => from.send(Buffer.alloc(maxMessageBytes + 1))).toThrow(
      expect.objectContaining({ reason: 'MESSAGE_TOO_LARGE' }),
    )
    // Nobody reads on the other side: what the system takes is bounded too.
    const flood = () => {
      for (let nth = 0; nth < 10_000; nth += 1) from.send(Buffer.alloc(60_000))
    }
    expect(flood).toThrow(expect.objectContaining({ reason: 'CHANNEL_FULL' }))
    expect(from.unsentBytes).toBeLessThanOrEqual(300_000 + 100)
  })

  test('asks to wait while the other side reads slowly, and goes on when it reads', async () => {
    const { ann: from, bob: to, heard, hear } = await setup()
    let sent = 0
    while (from.send(Buffer.alloc(60_000, 1)) && sent < 10_000) sent += 1
    expect(sent).toBeLessThan(10_000)
    hear()
    await from.drained()
    from.send(Buffer.from('after'))
    await eventually(() => heard.at(-1) === 'after', patience)
    expect(heard).toHaveLength(sent + 2)
    expect(to.isOpen).toBe(true)
  })

  test('closes before the numbers of its messages run out', async () => {
    const { ann: from, bob: to, heard, hear } = await setup({ limits: { messages: 4 } })
    hear()
    for (const word of ['a', 'b', 'c']) from.send(Buffer.from(word))
    expect(() => from.send(Buffer.from('d'))).toThrow(
      expect.objectContaining({ reason: 'CHANNEL_SPENT' }),
    )
    expect(await to.ended).toBeUndefined()
    expect(heard).toEqual(['a', 'b', 'c'])
  })
})

describe('opening a channel', () => {
  test('fails on both sides when the one who answers has another key, before who calls is known', async () => {
    const mallory = makeKeyPair()
    const told: Uint8Array[] = []
    const asked = (key: Uint8Array) => {
      told.push(key)
      return true
    }
    const sides = { ann: { expect: bob.publicKey }, bob: { me: mallory, expect: asked } }
    expect(await reasons(sides)).toEqual(['KEY_UNEXPECTED', 'HANDSHAKE_CUT'])
    expect(told).toEqual([])
  })

  test('fails when the one who calls has another key', async () => {
    const sides = { ann: { me: makeKeyPair() }, bob: { expect: ann.publicKey } }
    // Who calls has said everything by then, and sees the end of its channel.
    expect(await reasons(sides)).toEqual(['opened', 'KEY_UNEXPECTED'])
  })

  test('fails when the two sides mean different things by it', async () => {
    const [one] = await reasons({ ann: { purpose: 'lan' }, bob: { purpose: 'direct' } })
    expect(one).toBe('HANDSHAKE_WRONG')
  })

  test('is given up after 5 s', async () => {
    const scheduler = new FakeScheduler()
    const [near] = await socketPair()
    const late = opening(near, 'responder', { scheduler })
    const told = late.catch((error: unknown) => error)
    await scheduler.advance(5_000)
    expect(await told).toMatchObject({ kind: 'deadline', reason: 'HANDSHAKE_LATE' })
    expect(near.destroyed).toBe(true)
    expect(scheduler.pendingTimers).toBe(0)
  })

  test('is given up at the first bytes that belong to none', async () => {
    const first = [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.alloc(70_000, 0xff),
      framed(Buffer.alloc(32)),
      framed(Buffer.alloc(31, 5)),
      framed(Buffer.alloc(33, 5)),
    ]
    for (const bytes of first) {
      const [near, far] = await socketPair()
      near.on('error', () => undefined).write(bytes)
      await expect(opening(far, 'responder', {})).rejects.toMatchObject({
        reason: 'HANDSHAKE_WRONG',
      })
      expect(far.destroyed).toBe(true)
    }
  })

  test('cannot be done by repeating what somebody said before', async () => {
    const [near, far] = await socketPair()
    const said: Buffer[] = []
    far.on('data', (chunk: Buffer) => said.push(chunk))
    await Promise.all([opening(near, 'initiator', {}), opening(far, 'responder', {})])
    await eventually(() => Buffer.concat(said).length > 34, patience)

    const [replay, victim] = await socketPair()
    replay.on('error', () => undefined).write(Buffer.concat(said))
    await expect(opening(victim, 'responder', {})).rejects.toMatchObject({
      reason: 'HANDSHAKE_WRONG',
    })
  })

  test('is given up when the connection goes', async () => {
    const [near, far] = await socketPair()
    const open = opening(near, 'initiator', {})
    far.destroy()
    await expect(open).rejects.toMatchObject({ kind: 'unavailable', reason: 'HANDSHAKE_CUT' })
    await expect(opening(near, 'initiator', {})).rejects.toMatchObject({ reason: 'HANDSHAKE_CUT' })
  })

  test('takes no long words', async () => {
    const [near] = await socketPair()
    await expect(opening(near, 'initiator', { hello: Buffer.alloc(1_025) })).rejects.toMatchObject({
      reason: 'HELLO_TOO_LARGE',
    })
  })
})
