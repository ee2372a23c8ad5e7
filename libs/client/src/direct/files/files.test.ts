import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { makeKeyPair, openChannel } from '@parley/direct'
import { chat } from '@parley/proto'
import { systemScheduler, uuidText } from '@parley/service-kit'
import { FakeScheduler, eventually } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { DirectRooms, cuttableWay, directText } from '../../testing/direct-rooms.ts'
import type { RoomHere } from '../../testing/direct-rooms.ts'
import { maxAsks } from './file-answers.ts'
import { FileAsks } from './file-asks.ts'
import { piecesFromAny } from './pieces.ts'
import { maxPieceBytes } from './shared-files.ts'

const patience = { timeoutMs: 30_000 }
const bytes = randomBytes(3_000_001)
const file = { fileId: 'f1', sizeBytes: bytes.length }

async function setup(...ways: ((port: number) => number)[]) {
  const rooms = new DirectRooms()
  const [ann, bob] = [rooms.add('ann', ways[0]), rooms.add('bob', ways[1])]
  await ann.room.open()
  await bob.room.open()
  ann.files.set('f1', bytes)
  await eventually(() => [ann, bob].every(({ room }) => room.paths.length === 1), patience)
  return { rooms, ann, bob }
}

/** Fetches a file as far as it comes; `got` hears of every piece. */
async function fetched(
  { room }: RoomHere,
  rooms: DirectRooms,
  { offset = 0, signal, got }: { offset?: number; signal?: AbortSignal; got?: () => void } = {},
) {
  const ways = () => room.paths.flatMap(({ files }) => files ?? [])
  const pieces: Buffer[] = []
  let why = ''
  try {
    const how = { ways, scheduler: rooms.scheduler, signal }
    for await (const piece of piecesFromAny(how, file, offset)) {
      pieces.push(piece)
      got?.()
    }
  } catch (error) {
    why = (error as { reason?: string }).reason ?? String(error)
  }
  return { come: Buffer.concat(pieces), why }
}

/** Does something when that many pieces have come. */
function at(count: number, act: () => void): () => void {
  let pieces = 0
  return () => {
    pieces += 1
    if (pieces === count) act()
  }
}

async function allOf(fetching: ReturnType<typeof fetched>, offset: number): Promise<void> {
  const { come, why } = await fetching
  expect(why).toBe('')
  expect(come.equals(bytes.subarray(offset))).toBe(true)
}

describe('a file of another device', () => {
  test('comes whole and in order along the path, from any offset on', async () => {
    const { rooms, bob } = await setup()
    await allOf(fetched(bob, rooms), 0)
    const offset = bytes.length - 70_000
    await allOf(fetched(bob, rooms, { offset }), offset)
  })

  test('comes beside others and beside texts, which do not wait for its end', async () => {
    const { rooms, ann, bob } = await setup()
    let heardAt = 0
    let pieces = 0
    const got = () => {
      pieces += 1
      if (pieces === 1) ann.room.say(directText('hello'))
      if (heardAt === 0 && bob.heard.length > 0) heardAt = pieces
    }
    await Promise.all([1, 2, 3].map(() => allOf(fetched(bob, rooms, { got }), 0)))
    expect(heardAt).toBeGreaterThan(0)
    expect(bob.moves).toEqual(['open'])
  })

  test('comes as far as the path lives', async () => {
    const [near, far] = [await cuttableWay(), await cuttableWay()]
    const { rooms, bob } = await setup(near.lead, far.lead)
    const got = at(20, () => {
      for (const way of [near, far]) way.shut(true)
      for (const way of [near, far]) way.cut()
    })
    const { come, why } = await fetched(bob, rooms, { got })
    expect(why).toBe('NOT_DIRECT')
    expect(come.length).toBeGreaterThanOrEqual(20 * maxPieceBytes)
    expect(come.length).toBeLessThan(bytes.length)
    expect(come.equals(bytes.subarray(0, come.length))).toBe(true)
  })

  test('comes as far as the path is not silent', async () => {
    const [near, far] = [await cuttableWay(), await cuttableWay()]
    const { rooms, bob } = await setup(near.lead, far.lead)
    const got = at(20, () => {
      for (const way of [near, far]) way.shut(true)
      for (const way of [near, far]) way.silence(true)
    })
    const { come, why } = await fetched(bob, rooms, { got })
    expect(why).toBe('NOT_DIRECT')
    expect(come.equals(bytes.subarray(0, come.length))).toBe(true)
  })

  test('does not come when that device does not give it', async () => {
    const { rooms, ann, bob } = await setup()
    ann.files.clear()
    expect(await fetched(bob, rooms)).toEqual({ come: Buffer.alloc(0), why: 'NOT_DIRECT' })
    expect(bob.moves).toEqual(['open'])
  })

  test('comes no more once it is not wanted', async () => {
    const { rooms, bob } = await setup()
    const stop = new AbortController()
    const got = at(5, () => stop.abort())
    const { come, why } = await fetched(bob, rooms, { got, signal: stop.signal })
    expect(why).toBe('NOT_DIRECT')
    expect(come.length).toBeLessThan((5 + maxAsks) * maxPieceBytes)
    // The way is free for the next one.
    expect((await fetched(bob, rooms)).come.equals(bytes)).toBe(true)
  })
})

test('a device that comes again and again and gives nothing is asked a few times only', async () => {
  let ways = 0
  const comeAgain = () => {
    ways += 1
    const asks = new FileAsks(() => asks.end())
    return ways < 100 ? [asks] : []
  }
  const how = { ways: comeAgain, scheduler: systemScheduler, signal: undefined }
  await expect(piecesFromAny(how, file, 0).next()).rejects.toMatchObject({ reason: 'NOT_DIRECT' })
  expect(ways).toBeLessThan(20)
})

test('a device that gives a piece and then no more is waited for 5 s', async () => {
  const scheduler = new FakeScheduler()
  const asks = new FileAsks(() => undefined)
  const how = { ways: () => [asks], scheduler, signal: undefined }
  const pieces = piecesFromAny(how, file, 0)
  const first = pieces.next()
  await eventually(() => scheduler.pendingTimers === 1)
  await scheduler.advance(4_900)
  asks.heard({ number: 1, piece: bytes.subarray(0, maxPieceBytes) })
  expect((await first).value).toHaveLength(maxPieceBytes)
  let why = ''
  pieces.next().catch((error: { reason: string }) => (why = error.reason))
  await eventually(() => scheduler.pendingTimers === 1)
  await scheduler.advance(4_900)
  expect(why).toBe('')
  await scheduler.advance(200)
  await eventually(() => expect(why).toBe('NOT_DIRECT'))
})

test('a device that asks for more than it may, and takes nothing, is hung up on', async () => {
  const rooms = new DirectRooms()
  const ann = rooms.add('ann')
  await ann.room.open()
  ann.files.set('f1', bytes)
  const me = makeKeyPair()
  const publicKey = Buffer.from(me.publicKey)
  const told = { ...ann.said[0]!, publicKey, candidates: [] }
  ann.room.hear(rooms.signal('bob', Buffer.alloc(16, 1), told))
  const purpose = `chat ${uuidText(rooms.conversationId)}`
  const socket = connect(ann.port, '127.0.0.1')
  const channel = await openChannel(socket, { me, role: 'initiator', purpose })
  channel.onMessage(() => undefined)
  channel.pause()
  await eventually(() => {
    for (let number = 1; number <= maxAsks && channel.isOpen; number += 1) {
      const value = { number, fileId: 'f1', offset: 0, size: maxPieceBytes }
      channel.send(chat.DirectFrame.encode({ frame: { $case: 'fileAsk', value } }).finish())
    }
    expect(ann.moves).toEqual(['open', 'closed TOO_MANY_ASKS'])
  }, patience)
  await channel.close()
})

test('what is asked for waits here while the other has as many asks as it takes', async () => {
  const said: number[] = []
  const asks = new FileAsks(({ number }) => said.push(number))
  const coming = Array.from({ length: 2 * maxAsks }, (_, at) => {
    return asks.ask({ fileId: 'f1', offset: at, size: 1 })
  })
  expect(said).toHaveLength(maxAsks)
  // Said and not wanted any more: the other has it in its queue all the same.
  coming[0]!.drop()
  expect(said).toHaveLength(maxAsks)
  coming[maxAsks]!.drop()
  const piece = Buffer.alloc(1)
  asks.heard({ number: 1, piece })
  asks.heard({ number: 2 * maxAsks, piece })
  expect(said.slice(maxAsks)).toEqual([maxAsks + 2])
  asks.end()
  await expect(asks.ask({ fileId: 'f1', offset: 0, size: 1 }).piece).rejects.toThrow('over')
})
