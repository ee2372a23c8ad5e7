import { chat } from '@parley/proto'
import { eventually, tempFolder } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import type { SendResult } from '../api.ts'
import { idText } from '../ids.ts'
import { openHome } from '../state/home.ts'
import { MemoryState } from '../state/memory-state.ts'
import type { SendFate } from '../testing/scripted-relay.ts'
import {
  quickScheduler,
  startClient,
  startRelay,
  storedWords,
  text,
  toldWords,
  wordsOf,
} from '../testing/world.ts'

const accepted = (result: SendResult) => {
  if (result.state !== 'accepted') throw new Error(`not accepted but ${result.state}`)
  return result
}

describe('sending', () => {
  test('stores the message before the first attempt and lets it go when it is accepted', async () => {
    const relay = await startRelay()
    const { id } = relay.log.open()
    const { client, state } = startClient(relay)
    const outbox = () => state.account(client.login.userId).outbox(0)
    const atAttempt: number[] = []
    relay.script.send = () => {
      atAttempt.push(outbox().length)
      return 'accept'
    }
    const result = accepted(await client.send({ conversationId: idText(id) }, text('hello')))
    expect(result).toMatchObject({ conversationId: idText(id), seq: 1, duplicate: false })
    expect(atAttempt).toEqual([1])
    expect(outbox()).toEqual([])
  })

  test('keeps its own message in its log although the server spares it', async () => {
    const relay = await startRelay()
    const conversation = relay.log.open()
    const one = startClient(relay)
    await one.client.send({ conversationId: idText(conversation.id) }, text('mine'))
    relay.write(conversation, 'theirs')
    await eventually(() => expect(toldWords(one, conversation.id)).toEqual(['mine', 'theirs']))
    expect(storedWords(one, conversation.id)).toEqual(['mine', 'theirs'])
    expect(relay.streams[0]!.commands.some((command) => command.$case === 'pull')).toBe(false)
  })

  test('asks for its own forwarded message, whose words only the server knows', async () => {
    const relay = await startRelay()
    const conversation = relay.log.open()
    relay.log.write(conversation, 'first')
    const one = startClient(relay)
    const place = { conversationId: idText(conversation.id), seq: 1 }
    await one.client.caughtUp()
    await one.client.send(place, undefined, { forwardOf: place })
    await eventually(() => expect(storedWords(one, conversation.id)).toHaveLength(2))
  })

  test('sends a thousand messages in order, at most 64 of them without an answer', async () => {
    const relay = await startRelay()
    const { id, entries } = relay.log.open()
    let most = 0
    let open = 0
    relay.script.intercept = (command) => {
      if (command.$case === 'send') most = Math.max(most, (open += 1))
      return false
    }
    relay.script.send = () => {
      open -= 1
      return 'accept'
    }
    const { client } = startClient(relay)
    const target = { conversationId: idText(id) }
    const words = Array.from({ length: 1_000 }, (_, index) => `m${index}`)
    const results = await Promise.all(words.map((word) => client.send(target, text(word))))
    expect(results.map((one) => accepted(one).seq)).toEqual(words.map((_, index) => index + 1))
    expect(entries.map(wordsOf)).toEqual(words)
    expect(most).toBeLessThanOrEqual(64)
  })

  test('holds back what exceeds 64 while nothing is answered', async () => {
    const relay = await startRelay()
    const { id } = relay.log.open()
    relay.script.intercept = (command) => command.$case === 'send'
    const { client } = startClient(relay, { scheduler: quickScheduler() })
    const target = { conversationId: idText(id) }
    for (let index = 0; index < 100; index += 1) void client.send(target, text(`m${index}`))
    const sends = () => relay.streams[0]?.commands.filter((one) => one.$case === 'send').length
    await eventually(() => expect(sends()).toBe(64))
    await eventually(() => expect(relay.streams.length).toBeGreaterThan(1))
    expect(sends()).toBe(64)
  })

  test('tells a refusal as an error with the server’s reason, and forgets the message', async () => {
    const relay = await startRelay()
    const { id } = relay.log.open()
    relay.script.send = () => 'refuse'
    const { client, state } = startClient(relay)
    const sending = client.send({ conversationId: idText(id) }, text('no'))
    await expect(sending).rejects.toMatchObject({ kind: 'forbidden', reason: 'BLOCKED' })
    expect(state.account(client.login.userId).outbox(0)).toEqual([])
  })

  test.each<[SendFate, boolean, string]>([
    ['unresolved', false, 'nothing was stored'],
    ['store-and-unresolved', true, 'it was stored'],
    ['swallow', false, 'no answer came and nothing was stored'],
    ['store-and-swallow', true, 'no answer came and it was stored'],
    ['cut', false, 'the stream broke before it was stored'],
    ['store-and-cut', true, 'the stream broke after it was stored'],
  ])('repeats after %s until accepted (duplicate %s): %s', async (fate, duplicate) => {
    const relay = await startRelay()
    const { id, entries } = relay.log.open()
    const fates: SendFate[] = [fate]
    relay.script.send = () => fates.shift() ?? 'accept'
    const one = startClient(relay, { scheduler: quickScheduler() })
    const target = { conversationId: idText(id) }
    const all = await Promise.all(
      ['a', 'b', 'c'].map((word) => one.client.send(target, text(word))),
    )
    expect(all.map((result) => accepted(result).seq)).toEqual([1, 2, 3])
    expect(accepted(all[0]!).duplicate).toBe(duplicate)
    expect(entries.map(wordsOf)).toEqual(['a', 'b', 'c'])
    await eventually(() => expect(toldWords(one, id)).toEqual(['a', 'b', 'c']))
  })

  test('lets an unresolved message hold up its own conversation only', async () => {
    const relay = await startRelay()
    const [held, free] = [relay.log.open(), relay.log.open()]
    let isDown = true
    relay.script.send = (send) =>
      isDown && send.target?.value.equals(held.id) ? 'unresolved' : 'accept'
    const { client } = startClient(relay)
    const waiting = ['a', 'b'].map((word) =>
      client.send({ conversationId: idText(held.id) }, text(word)),
    )
    await client.send({ conversationId: idText(free.id) }, text('x'))
    expect(held.entries).toEqual([])
    isDown = false
    await Promise.all(waiting)
    expect(held.entries.map(wordsOf)).toEqual(['a', 'b'])
  })

  test('sends nothing while the server is throttling, and refuses nothing', async () => {
    const relay = await startRelay()
    const { id, entries } = relay.log.open()
    const { client } = startClient(relay)
    await client.caughtUp()
    relay.open[0]!.tell({ $case: 'throttle', value: { pauseMs: 400 } })
    relay.open[0]!.tell({ $case: 'watching', value: { count: 0 } })
    await new Promise((resolve) => {
      client.on((event) => event.type === 'watching' && resolve(event))
    })
    const sinceMs = performance.now()
    const result = await client.send({ conversationId: idText(id) }, text('later'))
    expect(performance.now() - sinceMs).toBeGreaterThan(350)
    expect(accepted(result).seq).toBe(1)
    expect(entries).toHaveLength(1)
  })

  test('keeps a message that no server takes, and sends it when one is there again', async () => {
    const relay = await startRelay()
    const { id, entries } = relay.log.open()
    const state = await openHome(await tempFolder())
    const first = startClient(relay, { state, transient: true })
    await first.client.online()
    await relay.stop()
    const target = { conversationId: idText(id) }
    const result = await first.client.send(target, text('kept'), { ifUnreachable: 'queue' })
    expect(result.state).toBe('queued')
    await first.client.close()
    const account = state.account(first.client.login.userId)
    expect(account.outbox(0)).toMatchObject([{ messageId: result.messageId, claimed: false }])
    await relay.start()
    const second = startClient(relay, { state, transient: true })
    await second.client.online()
    await second.client.drained()
    expect(entries.map(wordsOf)).toEqual(['kept'])
    expect(account.outbox(0)).toEqual([])
    await second.client.close()
  })

  test('keeps the refusal of a message that nobody waits for any more', async () => {
    const relay = await startRelay()
    const { id } = relay.log.open()
    relay.script.send = () => 'refuse'
    const state = new MemoryState()
    const offline = startClient(relay, { state, servers: ['127.0.0.1:1'] })
    const target = { conversationId: idText(id) }
    await offline.client.send(target, text('x'), { ifUnreachable: 'queue' })
    await offline.client.close()
    const { client, events } = startClient(relay, { state })
    await eventually(() => events.some((event) => event.type === 'refused'))
    expect(state.account(client.login.userId).outbox(0)).toMatchObject([
      { refusedReason: 'BLOCKED', claimed: false },
    ])
  })

  test('refuses at once what no frame could carry', async () => {
    const relay = await startRelay()
    const { id } = relay.log.open()
    const { client, state } = startClient(relay)
    const sending = client.send({ conversationId: idText(id) }, text('x'.repeat(70_000)))
    await expect(sending).rejects.toMatchObject({ reason: 'MESSAGE_TOO_LARGE' })
    expect(state.account(client.login.userId).outbox(0)).toEqual([])
  })

  test('splits what is sent in one turn into frames that a server takes', async () => {
    const relay = await startRelay()
    const { id } = relay.log.open()
    const { client } = startClient(relay)
    const target = { conversationId: idText(id) }
    const big = 'x'.repeat(16_000)
    await Promise.all(Array.from({ length: 60 }, () => client.send(target, text(big))))
    expect(relay.streams).toHaveLength(1)
  })

  test('answers queued on close what has no answer yet, and leaves it in the outbox', async () => {
    const relay = await startRelay()
    const { id } = relay.log.open()
    relay.script.intercept = (command) => command.$case === 'send'
    const { client, state } = startClient(relay)
    await client.online()
    const sending = client.send({ conversationId: idText(id) }, text('x'))
    await client.close()
    expect((await sending).state).toBe('queued')
    expect(state.account(client.login.userId).outbox(0)).toHaveLength(1)
    expect(relay.streams[0]!.commands.at(-1)?.$case).toBe('bye')
  })

  test('sends a message to a person and knows the conversation from then on', async () => {
    const relay = await startRelay()
    const { client, state } = startClient(relay)
    const peer = idText(Buffer.alloc(16, 7))
    const first = accepted(await client.send({ userId: peer }, text('hi')))
    const stored = state.account(client.login.userId).conversations()
    expect(stored).toMatchObject([
      { conversationId: first.conversationId, peerId: peer, kind: chat.ConversationKind.DIRECT },
    ])
  })
})
