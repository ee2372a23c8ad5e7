import { chat } from '@parley/proto'
import { eventually, tempFolder } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { idText } from '../ids.ts'
import { openHome } from '../state/home.ts'
import { MemoryState } from '../state/memory-state.ts'
import type { Fate, ScriptedStream } from '../testing/scripted-stream.ts'
import { startClient, startRelay, storedWords, text, toldWords } from '../testing/world.ts'

function ofKind<K extends string>(stream: ScriptedStream | undefined, kind: K) {
  return stream?.commands.filter((command) => command.$case === kind) ?? []
}

function counted(count: number, from = 1): string[] {
  return Array.from({ length: count }, (_, index) => `m${from + index}`)
}

describe('receiving', () => {
  test('tells the backlog, then that it has caught up, then what comes', async () => {
    const relay = await startRelay()
    const conversation = relay.log.open()
    for (const words of counted(200)) relay.log.write(conversation, words)
    const one = startClient(relay)
    await one.client.caughtUp()
    expect(toldWords(one, conversation.id)).toEqual(counted(200))
    relay.write(conversation, 'm201')
    await eventually(() => expect(storedWords(one, conversation.id)).toEqual(counted(201)))
  })

  test('has stored an entry by the time it tells of it', async () => {
    const relay = await startRelay()
    const conversation = relay.log.open()
    const state = await openHome(await tempFolder())
    const one = startClient(relay, { state })
    const stored: number[] = []
    one.client.on((event) => {
      if (event.type === 'entries') stored.push(storedWords(one, conversation.id).length)
    })
    await one.client.caughtUp()
    relay.write(conversation, 'a')
    await eventually(() => expect(stored).toEqual([1]))
    await one.client.close()
  })

  test.each<[Fate, string]>([
    ['lose', 'is lost'],
    ['repeat', 'comes twice'],
    ['defer', 'comes after the next one'],
  ])('stores each entry once and in order when a run (%s) %s', async (fate) => {
    const relay = await startRelay()
    const conversation = relay.log.open()
    const one = startClient(relay)
    relay.log.write(conversation, 'm1')
    await one.client.caughtUp()
    let turn = 0
    relay.script.entries = () => ((turn += 1) % 3 === 0 ? fate : 'pass')
    for (const words of counted(30, 2)) relay.write(conversation, words)
    relay.heads()
    await eventually(() => expect(toldWords(one, conversation.id)).toEqual(counted(31)))
    expect(storedWords(one, conversation.id)).toEqual(counted(31))
  })

  test('asks once for a hole, however many runs follow it', async () => {
    const relay = await startRelay()
    const conversation = relay.log.open()
    relay.log.write(conversation, 'm1')
    const one = startClient(relay)
    await one.client.caughtUp()
    relay.script.intercept = (command) => command.$case === 'pull'
    const fates: Fate[] = ['lose']
    relay.script.entries = () => fates.shift() ?? 'pass'
    for (const words of counted(20, 2)) relay.write(conversation, words)
    await eventually(() => expect(ofKind(relay.streams[0], 'pull')).toHaveLength(1))
    await one.client.calls.accounts.findUsers()
    expect(ofKind(relay.streams[0], 'pull')).toHaveLength(1)
  })

  test('gives a server that announces a head a second before it asks', async () => {
    const relay = await startRelay()
    const conversation = relay.log.open()
    const one = startClient(relay)
    await one.client.caughtUp()
    relay.log.write(conversation, 'm1')
    relay.heads()
    await one.client.calls.accounts.findUsers()
    expect(ofKind(relay.streams[0], 'pull')).toEqual([])
    await eventually(() => expect(storedWords(one, conversation.id)).toEqual(['m1']))
    expect(ofKind(relay.streams[0], 'pull')).toHaveLength(1)
  })

  test('counts a gap as shown and goes on after it', async () => {
    const relay = await startRelay()
    const conversation = relay.log.open()
    const one = startClient(relay)
    await one.client.caughtUp()
    const { id: conversationId, epoch } = conversation
    const why = chat.Gap_Why.NOT_A_MEMBER
    for (const words of counted(10)) relay.log.write(conversation, words)
    const stream = relay.open[0]!
    stream.tell({ $case: 'gap', value: { conversationId, epoch, from: 1, to: 7, why } })
    stream.sent.set(conversation, 7)
    stream.push(conversation)
    await eventually(() => expect(toldWords(one, conversationId)).toEqual(['m8', 'm9', 'm10']))
    expect(one.events.find((event) => event.type === 'gap')).toMatchObject({ from: 1, to: 7, why })
    await eventually(() => expect(ofKind(stream, 'ack').at(-1)?.value).toMatchObject({ seq: 10 }))
  })

  test('begins a new conversation where the server’s first run begins', async () => {
    const relay = await startRelay()
    const conversation = relay.log.open()
    for (const words of counted(60)) relay.log.write(conversation, words)
    const one = startClient(relay)
    await one.client.online()
    const conversation2 = relay.log.open()
    for (const words of counted(60)) relay.log.write(conversation2, words)
    relay.open[0]!.sent.set(conversation2, 10)
    relay.open[0]!.push(conversation2)
    await eventually(() => expect(toldWords(one, conversation2.id)).toEqual(counted(50, 11)))
    expect(ofKind(relay.streams[0], 'pull')).toEqual([])
  })

  test('asks for its own first message when it hears of the next one before the answer', async () => {
    const relay = await startRelay()
    const conversation = relay.log.open()
    const fates = ['store-and-swallow' as const]
    relay.script.send = () => fates.shift() ?? 'accept'
    const one = startClient(relay)
    await one.client.caughtUp()
    const sending = one.client.send({ conversationId: idText(conversation.id) }, text('mine'))
    await eventually(() => conversation.entries.length === 1)
    relay.write(conversation, 'theirs')
    await eventually(() => expect(storedWords(one, conversation.id)).toEqual(['mine', 'theirs']))
    relay.open[0]!.cut()
    expect(await sending).toMatchObject({ seq: 1, duplicate: true })
    expect(toldWords(one, conversation.id)).toEqual(['mine', 'theirs'])
  })

  test('drops what it has of a conversation whose epoch has changed, and reads it anew', async () => {
    const relay = await startRelay()
    const conversation = relay.log.open()
    for (const words of counted(5)) relay.log.write(conversation, words)
    const one = startClient(relay)
    await one.client.caughtUp()
    conversation.epoch = 2
    conversation.entries = conversation.entries.slice(0, 3)
    relay.open[0]!.sent.set(conversation, 3)
    relay.write(conversation, 'other')
    const now = ['m1', 'm2', 'm3', 'other']
    await eventually(() => expect(storedWords(one, conversation.id)).toEqual(now))
    const rewound = one.events.filter((event) => event.type === 'rewound')
    expect(rewound).toEqual([
      { type: 'rewound', conversationId: idText(conversation.id), epoch: 2 },
    ])
  })

  test('erases a recalled entry from what it has stored', async () => {
    const relay = await startRelay()
    const conversation = relay.log.open()
    relay.log.write(conversation, 'secret')
    const one = startClient(relay)
    await one.client.caughtUp()
    const recall: chat.Content = { content: { $case: 'recall', value: { targetSeq: 1 } } }
    await one.client.send({ conversationId: idText(conversation.id) }, recall)
    await eventually(() =>
      expect(storedWords(one, conversation.id)).toEqual(['<erased>', '<recall>']),
    )
  })

  test('resumes with its cursors: nothing is told twice, nothing is missed', async () => {
    const relay = await startRelay()
    const conversation = relay.log.open()
    for (const words of counted(3)) relay.log.write(conversation, words)
    const state = await openHome(await tempFolder())
    const first = startClient(relay, { state })
    await first.client.caughtUp()
    await first.client.close()
    for (const words of counted(4, 4)) relay.log.write(conversation, words)
    const second = startClient(relay, { state })
    await second.client.caughtUp()
    expect(toldWords(second, conversation.id)).toEqual(counted(4, 4))
    expect(storedWords(second, conversation.id)).toEqual(counted(7))
    await second.client.close()
  })

  test('says hello with all its cursors, a thousand in each command', async () => {
    const relay = await startRelay()
    const state = new MemoryState()
    const probe = startClient(relay, { state, transient: true })
    const changes = Array.from({ length: 2_500 }, (_, index) => {
      const conversationId = idText(Buffer.alloc(16, String(index).padStart(16, '0')))
      const view = { conversationId, kind: 2 as const, title: '', peerId: '', peerName: '' }
      return { kind: 'describe' as const, conversation: view, epoch: 1 }
    })
    state.account(probe.client.login.userId).commit(changes)
    const { client } = startClient(relay, { state })
    await client.caughtUp()
    const hellos = relay.streams.at(-1)!.commands.filter((one) => one.$case === 'hello')
    expect(hellos.map(({ value }) => [value.cursors.length, value.more])).toEqual([
      [1_000, true],
      [1_000, true],
      [500, false],
    ])
  })

  test('acknowledges in batches: 32 entries or 100 ms late at most', async () => {
    const relay = await startRelay()
    const conversation = relay.log.open()
    const one = startClient(relay)
    await one.client.caughtUp()
    for (const words of counted(320)) relay.write(conversation, words)
    await eventually(() =>
      expect(ofKind(relay.streams[0], 'ack').at(-1)?.value).toMatchObject({ seq: 320 }),
    )
    expect(ofKind(relay.streams[0], 'ack').length).toBeLessThanOrEqual(20)
  })

  test('moves the read cursor forward only', async () => {
    const relay = await startRelay()
    const { id } = relay.log.open()
    const { client } = startClient(relay)
    await client.caughtUp()
    client.read(idText(id), 5)
    client.read(idText(id), 3)
    await eventually(() => expect(ofKind(relay.streams[0], 'read')).toHaveLength(1))
    expect(ofKind(relay.streams[0], 'read')[0]?.value).toMatchObject({ seq: 5 })
  })

  test('stops reading from the server while a reader of its events is slow', async () => {
    const relay = await startRelay()
    const conversation = relay.log.open()
    const one = startClient(relay)
    const events = one.client.events()
    await one.client.caughtUp()
    const big = 'x'.repeat(15_000)
    const total = 3_000
    for (let index = 0; index < total; index += 1) relay.log.write(conversation, big)
    for (let index = 0; index < total; index += 1) relay.open[0]!.push(conversation, 'pass', 1)
    const account = one.state.account(one.client.login.userId)
    const stored = () => account.conversations()[0]?.seq ?? 0
    await eventually(() => expect(stored()).toBeGreaterThan(900))
    const before = stored()
    await one.client.calls.accounts.findUsers()
    expect(before).toBeLessThan(total / 2)
    for await (const event of events) {
      if (event.type === 'entries' && event.firstSeq + event.entries.length > total) break
    }
    expect(stored()).toBe(total)
  })

  test('passes on receipts, typing, presence and what it asks for again after a reconnect', async () => {
    const relay = await startRelay()
    const { id: conversationId } = relay.log.open()
    const userId = Buffer.alloc(16, 9)
    const one = startClient(relay)
    one.client.watchPresence([idText(userId)], { contacts: true })
    await one.client.caughtUp()
    const [stream] = relay.open
    const position = { userId, deliveredSeq: 4, readSeq: 2 }
    stream!.tell({
      $case: 'receipts',
      value: { conversationId, positions: [position], readCount: 0 },
    })
    stream!.tell({
      $case: 'typing',
      value: { conversationId, userId, userName: 'b', typing: true },
    })
    const user = { userId, userName: 'b', availability: chat.Availability.AWAY, asOfMs: 5 }
    stream!.tell({ $case: 'presenceChanged', value: { users: [user] } })
    const profile = chat.Profile.fromPartial({ userId, name: 'b', nickname: 'Bee' })
    stream!.tell({ $case: 'profileChanged', value: { profile } })
    stream!.tell({ $case: 'watching', value: { count: 1 } })
    await eventually(() => expect(one.events.at(-1)).toEqual({ type: 'watching', count: 1 }))
    expect(one.events.slice(-5, -1)).toEqual([
      {
        type: 'receipts',
        conversationId: idText(conversationId),
        positions: [{ ...position, userId: idText(userId) }],
        readCount: 0,
      },
      {
        type: 'typing',
        conversationId: idText(conversationId),
        userId: idText(userId),
        userName: 'b',
        typing: true,
      },
      { type: 'presence', users: [{ ...user, userId: idText(userId) }] },
      {
        type: 'profile',
        profile: {
          userId: idText(userId),
          userName: 'b',
          nickname: 'Bee',
          about: '',
          picture: undefined,
        },
      },
    ])
    stream!.cut()
    await eventually(() => expect(ofKind(relay.open[0], 'watch')).toHaveLength(1))
  })

  test('keeps a transient session free of logs', async () => {
    const relay = await startRelay()
    const conversation = relay.log.open()
    relay.log.write(conversation, 'old')
    const one = startClient(relay, { transient: true })
    await one.client.caughtUp()
    await one.client.send({ conversationId: idText(conversation.id) }, text('new'))
    expect(one.state.account(one.client.login.userId).conversations()).toEqual([])
  })
})
