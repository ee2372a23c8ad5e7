import { makeKeyPair, openChannel } from '@parley/direct'
import type { Channel } from '@parley/direct'
import { eventually, FakeScheduler } from '@parley/testkit'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { encodeLanMessage } from './lan-message.ts'
import { RecentIds } from './recent-ids.ts'
import { Talk } from './talk.ts'

const patience = { timeoutMs: 30_000 }

function idOf(number: number): string {
  return `01939d0c-7a31-7000-8000-${String(number).padStart(12, '0')}`
}

function words(number: number) {
  return { type: 'say', messageId: idOf(number), text: `m${number}`, sentAtMs: 1 } as const
}

// A talk in fake time, and the channel of somebody who answers only what the test says.
async function setup() {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const far = await accepted
  server.close()
  onTestFinished(() => void [near, far].map((socket) => socket.destroy()))
  const scheduler = new FakeScheduler()
  const open = (socket: Socket, role: 'initiator' | 'responder') =>
    openChannel(socket, { me: makeKeyPair(), role, purpose: 'test' })
  const [channel, other] = await Promise.all([open(near, 'initiator'), open(far, 'responder')])
  const who = { name: 'eve', publicKey: channel.remoteKey }
  const show = () => Promise.resolve()
  const talk = new Talk({ channel, who, scheduler, shown: new RecentIds(), show })
  return { talk, channel, other, scheduler }
}

describe('a talk', () => {
  test('waits for 64 answers, 10 s for each', async () => {
    const { talk, scheduler } = await setup()
    const saying = Array.from({ length: 64 }, (_, number) =>
      talk.say(words(number)).catch((error: unknown) => error),
    )
    await expect(talk.say(words(64))).rejects.toMatchObject({ reason: 'TOO_MANY_UNANSWERED' })
    await scheduler.advance(10_000)
    for (const outcome of await Promise.all(saying)) {
      expect(outcome).toMatchObject({ kind: 'deadline', reason: 'TIMED_OUT' })
    }
  })

  test('says that the other side is gone, and that it closed', async () => {
    for (const end of [
      (other: Channel) => void other.close(),
      (other: Channel) => other.send(Buffer.from('?')),
    ]) {
      const { talk, other } = await setup()
      const saying = talk.say(words(1))
      other.onMessage(() => end(other))
      await expect(saying).rejects.toMatchObject({ reason: 'PEER_GONE' })
      expect(talk.isOpen).toBe(false)
    }
  })

  test('is closed after five minutes without a word', async () => {
    const { talk, other, scheduler } = await setup()
    await scheduler.advance(299_000)
    expect(talk.isOpen).toBe(true)
    other.onMessage(() => undefined)
    await scheduler.advance(1_000)
    expect(await other.ended).toBeUndefined()
  })

  test('that is over keeps no timer, also when something is still said', async () => {
    const { talk, other, scheduler } = await setup()
    other.onMessage(() => undefined)
    await talk.close()
    await expect(talk.say(words(1))).rejects.toMatchObject({ reason: 'CHANNEL_OVER' })
    expect(scheduler.pendingTimers).toBe(0)
  })

  test('is closed by answers to nothing, more than come late', async () => {
    const { channel, other } = await setup()
    other.onMessage(() => undefined)
    const flood = () => {
      for (let number = 0; other.isOpen && number < 1_000; number += 1) {
        other.send(encodeLanMessage({ type: 'shown', messageId: idOf(number) }))
      }
    }
    flood()
    expect(await channel.ended).toBeUndefined()
    await eventually(() => !other.isOpen, patience)
  })
})
