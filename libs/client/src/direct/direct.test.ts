import { makeKeyPair } from '@parley/direct'
import { chat } from '@parley/proto'
import { systemScheduler, uuidText, uuidv7 } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ClientEvent, ConversationView } from '../client-events.ts'
import type { ChatStream, CommandCase } from '../session/stream.ts'
import { DirectRooms, directText } from '../testing/direct-rooms.ts'
import { Direct, maxRooms } from './direct.ts'

const patience = { timeoutMs: 30_000 }
const self = uuidText(uuidv7(systemScheduler))
const { OFFER } = chat.DirectStep
/** Where a test waits long, and no path has to live meanwhile. */
const timesAsFast = 10

function viewOf(conversationId: string, peerId = uuidText(Buffer.alloc(16, 'bob'))) {
  const kind = chat.ConversationKind.DIRECT
  return { conversationId, kind, title: '', peerId, peerName: 'bob' } satisfies ConversationView
}

/** A client's paths, whose stream is what the test makes of it, and bob's device. */
async function setup(factor = 1) {
  const rooms = new DirectRooms(factor)
  const id = uuidText(rooms.conversationId)
  const events: ClientEvent[] = []
  const sent: CommandCase[] = []
  let isOnline = true
  const deviceId = Buffer.from(uuidv7(systemScheduler))
  const stream = { push: (command: CommandCase) => void sent.push(command) }
  const direct = new Direct({
    userId: self,
    deviceId: uuidText(deviceId),
    scheduler: rooms.scheduler,
    host: '127.0.0.1',
    addresses: undefined,
    udp: false,
    rendezvous: () => '',
    stream: () => (isOnline ? (stream as unknown as ChatStream) : undefined),
    viewOf: (each) => (each === 'group' ? viewOf(each, '') : viewOf(each)),
    tell: (event) => events.push(event),
  })
  onTestFinished(() => direct.close())
  const hear = (value: chat.DirectSignal) =>
    direct.take([{ event: { $case: 'directSignal', value } }])
  const of = <Type extends ClientEvent['type']>(type: Type) =>
    events.filter((event): event is Extract<ClientEvent, { type: Type }> => event.type === type)
  const bob = rooms.add('bob')
  const join = async () => {
    direct.allow(id, true)
    await bob.room.open()
    await eventually(() => sent.length > 0, patience)
    hear(rooms.signal('bob', bob.deviceId, bob.said[0]!))
    const own = sent.flatMap((command) => (command.$case === 'direct' ? command.value : []))
    const offer = own.find(({ step }) => step === OFFER)!
    bob.room.hear({ ...rooms.signal('ann', deviceId, offer) })
    await eventually(() => of('direct-path').at(-1)?.state === 'open', patience)
    await eventually(() => bob.room.paths.length === 1, patience)
  }
  const online = (is: boolean) => void (isOnline = is)
  return { rooms, id, direct, bob, sent, of, hear, join, online, deviceId }
}

type Scene = Awaited<ReturnType<typeof setup>>

/** Bob says something directly, and it is shown. */
async function shown({ bob, of }: Scene, words: string): Promise<chat.DirectText> {
  const text = directText(words)
  await eventually(() => {
    bob.room.say(text)
    return of('direct-message').some((event) => event.text === words)
  }, patience)
  return text
}

/** What the server tells of it. */
function stored({ id, rooms, bob }: Scene, { clientMessageId }: chat.DirectText, words: string) {
  const { userId: senderId } = rooms.signal('bob', bob.deviceId, bob.said[0]!)
  const content = { content: { $case: 'text' as const, value: { text: words } } }
  const entry = { ...chat.Entry.create({}), senderId, clientMessageId, content }
  const conversation = viewOf(id)
  return { type: 'entries' as const, conversation, firstSeq: 7, entries: [entry] }
}

describe('a text that comes directly', () => {
  test('is told with the times of both ways, and its entry says that it was', async () => {
    const scene = await setup()
    await scene.join()
    const nonce = scene.sent.flatMap((one) => (one.$case === 'ping' ? one.value.nonce : [])).at(-1)!
    scene.direct.take([{ event: { $case: 'pong', value: { nonce, serverTimeMs: 0 } } }])
    const text = await shown(scene, 'hello')
    const [told] = scene.of('direct-message')
    expect(told).toMatchObject({ senderName: 'bob', text: 'hello', replyToSeq: 0 })
    expect(told?.relayMs).toBeGreaterThanOrEqual(0)
    expect(scene.direct.merged(stored(scene, text, 'hello')).shownSeqs).toEqual([7])
    expect(scene.of('direct-doubt')).toEqual([])
  })

  test('is doubted when the server does not bring it, but not while the server is away', async () => {
    const scene = await setup(timesAsFast)
    await scene.join()
    scene.online(false)
    const text = await shown(scene, 'hello')
    const before = scene.rooms.scheduler.monotonic()
    await eventually(() => scene.rooms.scheduler.monotonic() - before > 11_000, patience)
    expect(scene.of('direct-doubt')).toEqual([])
    scene.online(true)
    scene.direct.up()
    await eventually(() => scene.of('direct-doubt').length > 0, patience)
    expect(scene.of('direct-doubt')).toMatchObject([{ why: 'UNCONFIRMED' }])
    // Late is not never: it is not shown twice.
    expect(scene.direct.merged(stored(scene, text, 'hello')).shownSeqs).toEqual([7])
  })

  test('is not doubted while the application does not follow, for the copy may wait', async () => {
    const scene = await setup(timesAsFast)
    await scene.join()
    await shown(scene, 'hello')
    scene.direct.setPaused(true)
    const before = scene.rooms.scheduler.monotonic()
    await eventually(() => scene.rooms.scheduler.monotonic() - before > 11_000, patience)
    expect(scene.of('direct-doubt')).toEqual([])
    scene.direct.setPaused(false)
    await eventually(() => scene.of('direct-doubt').length > 0, patience)
  })

  test('and has other words on the server ends the path, and the entry is to be shown', async () => {
    const scene = await setup()
    await scene.join()
    const text = await shown(scene, 'pay ann')
    expect(scene.direct.merged(stored(scene, text, 'pay eve')).shownSeqs).toBeUndefined()
    expect(scene.of('direct-doubt')).toMatchObject([{ why: 'CONTRADICTED' }])
    await eventually(() => scene.of('direct-path').at(-1)?.state === 'closed', patience)
  })

  test('while the application does not follow is left to the server', async () => {
    const scene = await setup()
    await scene.join()
    scene.direct.setPaused(true)
    const unheard = directText('unheard')
    scene.bob.room.say(unheard)
    // The answer to a ping that was sent after it says that it has come.
    for (let round = 0; round < 2; round += 1) {
      const [path] = scene.bob.room.paths
      path!.rttMs = undefined
      await eventually(() => path!.rttMs !== undefined, patience)
    }
    scene.direct.setPaused(false)
    await shown(scene, 'heard')
    expect(scene.of('direct-message').map(({ text }) => text)).toEqual(['heard'])
    expect(scene.direct.merged(stored(scene, unheard, 'unheard')).shownSeqs).toBeUndefined()
  })

  test('is no text without words or with an id of another kind', async () => {
    const scene = await setup()
    await scene.join()
    scene.bob.room.say({ ...directText('x'), text: undefined })
    scene.bob.room.say({ ...directText('x'), clientMessageId: Buffer.alloc(16) })
    scene.bob.room.say(directText('x'.repeat(16_385)))
    await shown(scene, 'heard')
    expect(scene.of('direct-message').length).toBe(1)
  })
})

test('own texts go to the other when they are in the outbox; nothing else does', async () => {
  const scene = await setup()
  await scene.join()
  const send = (content: chat.Content, rest: Partial<chat.Send> = {}) => {
    const clientMessageId = Buffer.from(uuidv7(systemScheduler))
    const target = { $case: 'conversationId' as const, value: scene.rooms.conversationId }
    scene.direct.stored({ ...chat.Send.create({}), clientMessageId, target, content, ...rest })
  }
  send({ content: { $case: 'nudge', value: {} } })
  send(
    { content: { $case: 'text', value: { text: 'elsewhere' } } },
    {
      target: { $case: 'conversationId', value: Buffer.alloc(16, 5) },
    },
  )
  send({ content: { $case: 'text', value: { text: 'to the conversation' } } })
  send(
    { content: { $case: 'text', value: { text: 'to the person' } } },
    {
      target: { $case: 'userId', value: Buffer.alloc(16, 'bob') },
    },
  )
  const expected = ['ann: to the conversation', 'ann: to the person']
  await eventually(() => expect(scene.bob.heard).toEqual(expected), patience)
})

test('a new stream is told of the offer again, and the end of it takes it back', async () => {
  const { direct, id, sent } = await setup()
  direct.allow(id, true)
  await eventually(() => sent.length === 1, patience)
  direct.up()
  direct.allow(id, false)
  direct.up()
  const steps = sent.map((command) => (command.$case === 'direct' ? command.value.step : 0))
  expect(steps).toEqual([1, 1, 3])
})

test('what is said in the name of an own device is not heard', async () => {
  const { direct, id, rooms, bob, sent, hear } = await setup()
  direct.allow(id, true)
  await bob.room.open()
  await eventually(() => sent.length === 1, patience)
  const userId = Buffer.from(self.replaceAll('-', ''), 'hex')
  hear({ ...rooms.signal('ann', bob.deviceId, bob.said[0]!), userId })
  hear({ ...rooms.signal('bob', bob.deviceId, bob.said[0]!), publicKey: Buffer.alloc(3) })
  expect(sent.length).toBe(1)
  hear({
    ...rooms.signal('bob', bob.deviceId, bob.said[0]!),
    publicKey: Buffer.from(makeKeyPair().publicKey),
  })
  expect(sent.length).toBe(2)
})

test('paths are for two, and for so many conversations', async () => {
  const { direct } = await setup()
  const ids = Array.from({ length: maxRooms + 1 }, () => uuidText(uuidv7(systemScheduler)))
  for (const id of ids.slice(1)) direct.allow(id, true)
  expect(() => direct.allow(ids[0]!, true)).toThrow(/8 conversations/)
  expect(() => direct.allow('group', true)).toThrow(/only two/)
  direct.allow(ids[1]!, false)
  direct.allow(ids[0]!, true)
})
