import { eventually } from '@parley/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { password, startTextWorld } from '../../testing/text-world.ts'
import type { TextWorld } from '../../testing/text-world.ts'
import { maxRequestBytes } from './framing.ts'
import { maxEarlyRequests } from './visitor.ts'

const patiently = { timeoutMs: 30_000 }

let world: TextWorld
beforeAll(
  async () => (world = await startTextWorld({ SENDS_PER_SECOND: '100', SEND_BURST: '100' })),
)
afterAll(() => world.close())

describe('requests', () => {
  test('may come one byte at a time', async () => {
    const [ann, bob] = await world.friends()
    const device = await world.modern(bob)
    const client = world.dial().ask('102|')
    const lines = `101|${ann.name},${password}\r\n103|${ann.name},${bob.name},é😀\r\n`
    for (const byte of Buffer.from(lines)) {
      client.socket.write(Buffer.of(byte))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await client.replies(3)).toEqual(['0|', '1|', '1|'])
    await eventually(() => expect(device.texts).toEqual(['é😀']), patiently)
  })

  test('may come many at a time, faster than a user may send: all are done, in order', async () => {
    const [ann, bob] = await world.friends()
    const [client, device] = [await world.enter(ann), await world.modern(bob)]
    const texts = Array.from({ length: 150 }, (_, i) => `${i} ${'x'.repeat(1_500)}`)
    client.ask(...texts.map((text) => `103|${ann.name},${bob.name},${text}`))
    expect(await client.replies(151)).toEqual(Array(151).fill('1|'))
    await eventually(() => expect(device.texts).toEqual(texts), patiently)
  })

  test('that are no text are refused', async () => {
    const [ann, bob] = await world.friends()
    const client = await world.enter(ann)
    const bytes = [Buffer.from(`103|${ann.name},${bob.name},`), Buffer.from('c4e3bac30a', 'hex')]
    client.socket.write(Buffer.concat(bytes))
    expect(await client.replies(2)).toEqual(['1|', '0|'])
  })

  test('that are too long are refused, and the connection ended', async () => {
    const [ann] = await world.friends()
    const client = await world.enter(ann)
    client.socket.write(`103|${'x'.repeat(maxRequestBytes)}`)
    await client.ended()
    expect(client.answers.at(-1)).toBe('0|')
    const stranger = world.dial().ask(`101|ann,${'x'.repeat(5_000)}`)
    await stranger.ended()
    expect(stranger.received).toBe('0|')
  })

  test('before a login are few', async () => {
    const client = world.dial().ask(...Array.from({ length: 9 }, () => '102|'))
    await client.ended()
    expect(client.answers).toEqual(Array.from({ length: maxEarlyRequests }, () => '0|'))
  })
})

describe('a client', () => {
  test('that says all it has to say and ends its side is answered, then let go', async () => {
    const [ann, bob] = await world.friends()
    const device = await world.modern(bob)
    const client = world.dial().ask(`101|${ann.name},${password}`)
    client.ask(...['one', 'two'].map((text) => `103|${ann.name},${bob.name},${text}`))
    client.socket.end('102|')
    await client.ended()
    expect(await client.replies(4)).toMatchObject(['1|', '1|', '1|', /^1\|102@Server@/])
    await eventually(() => expect(device.texts).toEqual(['one', 'two']), patiently)
  })

  test('of a relay that stops is told, and let go', async () => {
    const other = await startTextWorld()
    const [ann] = await other.friends()
    const client = await other.enter(ann)
    const stranger = other.dial().ask('102|')
    await stranger.replies(1)
    await other.close()
    await Promise.all([client.ended(), stranger.ended()])
    expect(client.messages.at(-1)).toEqual(['Server', 'this relay stops; connect again'])
  })
})
