import { duplexPair } from 'node:stream'
import { makeKeyPair, openChannel } from '@parley/direct'
import { chat } from '@parley/proto'
import { FakeScheduler, eventually } from '@parley/testkit'
import { expect, test } from 'vitest'
import { directText } from '../testing/direct-rooms.ts'
import { Path } from './path.ts'

/** Its process can stand still: then time passes and no timer goes off. */
class HaltingScheduler extends FakeScheduler {
  stoodStillMs = 0

  override monotonic(): number {
    return super.monotonic() + this.stoodStillMs
  }
}

/** A path whose clock the test turns, and the bare channel at its other end. */
async function setup() {
  const scheduler = new HaltingScheduler()
  const [near, far] = duplexPair()
  const [channel, other] = await Promise.all([
    openChannel(near, { me: makeKeyPair(), role: 'responder', purpose: 'test' }),
    openChannel(far, { me: makeKeyPair(), role: 'initiator', purpose: 'test' }),
  ])
  const told = { texts: 0, ends: [] as string[] }
  const path = new Path({
    channel,
    scheduler,
    byLower: true,
    text: () => (told.texts += 1),
    read: async () => Buffer.alloc(0),
    ended: (why) => told.ends.push(why),
  })
  const heard: string[] = []
  other.onMessage((bytes) => heard.push(chat.DirectFrame.decode(bytes).frame?.$case ?? ''))
  const say = (frame: chat.DirectFrame['frame']) =>
    other.send(chat.DirectFrame.encode({ frame }).finish())
  return { scheduler, path, told, heard, say, other }
}

test('a path that falls silent is given up within 3 s, and not before 2.5 s', async () => {
  const { scheduler, told, heard, say } = await setup()
  await scheduler.advance(1_300)
  say({ $case: 'text', value: directText('the last word') })
  await eventually(() => told.texts === 1)
  await scheduler.advance(2_500)
  expect(told.ends).toEqual([])
  await scheduler.advance(500)
  expect(told.ends).toEqual(['SILENT'])
  await eventually(() => heard.filter((kind) => kind === 'ping').length >= 3)
})

test('a path whose other end answers pings lives as long as that does', async () => {
  const { scheduler, told, path, say } = await setup()
  for (let nonce = 1; nonce <= 21; nonce += 2) {
    await scheduler.advance(1_000)
    say({ $case: 'pong', value: { nonce } })
    await eventually(() => path.rttMs !== undefined)
    // What comes after it has come: so has it.
    say({ $case: 'text', value: directText('after it') })
    await eventually(() => told.texts === (nonce + 1) / 2)
  }
  expect(told.ends).toEqual([])
})

test('a process that has stood still hears what came meanwhile before it judges', async () => {
  const { scheduler, told, say } = await setup()
  scheduler.stoodStillMs = 10_000
  await scheduler.advance(500)
  say({ $case: 'text', value: directText('said meanwhile') })
  await eventually(() => told.texts === 1)
  await scheduler.advance(2_000)
  expect(told.ends).toEqual([])
  scheduler.stoodStillMs = 20_000
  await scheduler.advance(500)
  expect(told.ends).toEqual([])
  await scheduler.advance(500)
  expect(told.ends).toEqual(['SILENT'])
})

test('what is no frame ends the path, a frame of a later kind does not', async () => {
  const { told, say, other } = await setup()
  other.send(Buffer.from([0xfa, 0x01, 0x00]))
  say({ $case: 'text', value: directText('still here') })
  await eventually(() => told.texts === 1)
  expect(told.ends).toEqual([])
  other.send(Buffer.from([0x0a, 0xff]))
  await eventually(() => expect(told.ends).toEqual(['FRAME_MALFORMED']))
})
