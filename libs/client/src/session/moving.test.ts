import { eventually } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { idText } from '../ids.ts'
import { quickScheduler, startClient, startRelay, storedWords, text } from '../testing/world.ts'
import type { Watched } from '../testing/world.ts'

/** A client at the first of two relays of one system. */
async function setup() {
  const first = await startRelay()
  const second = await startRelay(first)
  const conversation = first.log.open()
  const servers = [first.address, second.address]
  const one = startClient(first, { servers, scheduler: quickScheduler() })
  await one.client.caughtUp()
  const goAway = () => first.open[0]!.tell({ $case: 'goAway', value: { deadlineMs: 5_000 } })
  const send = (words: string) =>
    one.client.send({ conversationId: idText(conversation.id) }, text(words))
  return { first, second, conversation, one, goAway, send }
}

function states({ events }: Watched): string[] {
  return events.flatMap((event) => (event.type === 'connection' ? [event.connection.state] : []))
}

describe('a client whose server is about to go', () => {
  test('is at the next one before it leaves the old one, and never offline', async () => {
    const { first, second, conversation, one, goAway } = await setup()
    let openAtHello = 0
    second.script.intercept = (command) => {
      if (command.$case === 'hello') openAtHello = first.open.length
      return false
    }
    goAway()
    await eventually(() => expect(first.open).toHaveLength(0))
    expect(openAtHello).toBe(1)
    await eventually(() => one.client.connection.state === 'caught-up')
    expect(one.client.connection).toMatchObject({ server: second.address })
    expect(states(one)).toEqual(['connecting', 'online', 'caught-up', 'online', 'caught-up'])
    second.write(conversation, 'from there')
    await eventually(() => storedWords(one, conversation.id).length === 1)
  })

  test('goes on with the old one while no other takes it in', async () => {
    const { first, second, one, goAway, send } = await setup()
    first.script.intercept = (command) => command.$case === 'hello'
    second.script.intercept = () => true
    goAway()
    await eventually(() => second.streams.length >= 2)
    expect((await send('meanwhile')).state).toBe('accepted')
    expect(first.open).toHaveLength(1)
    second.script.intercept = () => false
    await eventually(() => expect(first.open).toHaveLength(0))
    await eventually(() => one.client.connection.state === 'caught-up')
    expect(states(one)).not.toContain('offline')
    expect((await send('afterwards')).state).toBe('accepted')
  })

  test('repeats what the old one was still to answer, and it is stored once', async () => {
    const { first, second, conversation, goAway, send } = await setup()
    first.script.send = () => 'store-and-swallow'
    const sending = [send('a'), send('b'), send('c')]
    await eventually(() => conversation.entries.length > 0)
    goAway()
    const results = await Promise.all(sending)
    expect(results).toMatchObject([{ state: 'accepted', duplicate: true }, {}, {}])
    expect(conversation.entries).toHaveLength(3)
    expect(second.open).toHaveLength(1)
  })

  test('takes the next one although the old one is cut before its welcome', async () => {
    const { first, second, one, goAway, send } = await setup()
    second.script.intercept = () => true
    goAway()
    await eventually(() => second.open.length > 0)
    first.open[0]!.cut()
    await eventually(() => states(one).includes('offline'))
    second.script.intercept = () => false
    first.script.intercept = () => true
    await eventually(() => one.client.connection.state === 'caught-up')
    expect(one.client.connection).toMatchObject({ server: second.address })
    expect((await send('afterwards')).state).toBe('accepted')
  })

  test('is not disturbed when the old one hears first that it was replaced', async () => {
    const { first, second, one, goAway, send } = await setup()
    let told = false
    second.script.intercept = (command) => {
      if (command.$case !== 'hello' || told) return false
      told = true
      first.open[0]!.tell({ $case: 'kicked', value: { reason: 'REPLACED' } })
      first.open[0]!.call.end()
      return false
    }
    goAway()
    await eventually(() => states(one).filter((state) => state === 'caught-up').length === 2)
    expect(one.client.connection).toMatchObject({ server: second.address })
    expect(states(one)).not.toContain('offline')
    expect((await send('afterwards')).state).toBe('accepted')
  })

  test('comes back when it is replaced by a stream of its own of which it never heard, and only once', async () => {
    const { first, second, one, goAway } = await setup()
    let hellos = 0
    second.script.intercept = (command) => {
      if (command.$case === 'hello') hellos += 1
      return true
    }
    goAway()
    await eventually(() => hellos === 1)
    // The way to the second one breaks before its welcome is there.
    second.script.intercept = () => true
    first.script.intercept = (command) => command.$case === 'hello'
    second.open[0]!.cut()
    await eventually(() => second.open.length === 0)
    second.script.intercept = () => false
    first.open[0]!.tell({ $case: 'kicked', value: { reason: 'REPLACED' } })
    const there = { state: 'caught-up', server: second.address }
    await eventually(() => expect(one.client.connection).toMatchObject(there))
    second.open[0]!.tell({ $case: 'kicked', value: { reason: 'REPLACED' } })
    await eventually(() => one.client.connection.state === 'stopped')
    expect(one.client.connection).toMatchObject({ reason: 'REPLACED' })
  })

  test('leaves no stream behind when it is closed while it looks', async () => {
    const { first, second, one, goAway } = await setup()
    second.script.intercept = () => true
    goAway()
    await eventually(() => second.open.length > 0)
    await one.client.close()
    await eventually(() => first.open.length + second.open.length === 0)
    expect(states(one).at(-1)).toBe('stopped')
  })
})
