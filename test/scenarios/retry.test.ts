import { idBytes } from '@parley/client'
import { systemScheduler, uuidText, uuidv7 } from '@parley/service-kit'
import { describe, expect, test } from 'vitest'
import { befriend } from '../harness/person.ts'
import { Wire, sendOf, textSend } from '../harness/wire.ts'
import { testWorld } from '../harness/world.ts'

const stores = ['sqlite', 'mariadb'] as const

/** Two contacts and a naive stream of the first. */
async function setup(store: (typeof stores)[number]) {
  const world = await testWorld({ store })
  const [ann, bob] = [await world.person('ann'), await world.person('bob')]
  await befriend(ann, bob)
  const target = { userId: idBytes(bob.userId) }
  const messageId = uuidv7(systemScheduler)
  const connect = () => Wire.hello(world.relay, ann.login())
  /** Sends by a new stream and answers what the server answered. */
  const answerTo = async (...sends: Parameters<Wire['write']>) => {
    const wire = await connect()
    wire.write(...sends)
    const last = sends.at(-1)
    const id = last?.$case === 'send' ? last.value.clientMessageId : messageId
    const answer = await wire.answer(id)
    wire.close()
    return answer
  }
  const crash = async () => {
    await world.kill('relay')
    await world.cluster.start('relay')
  }
  return { world, ann, bob, target, messageId, answerTo, crash }
}

describe.each(stores)('a retry on %s', (store) => {
  test('gets the first answer again: on another stream, after a restart, and after a recall', async () => {
    const { ann, target, messageId, answerTo, crash } = await setup(store)
    const send = textSend(messageId, target, 'once')
    const first = await answerTo(send)
    if (first.$case !== 'accepted') throw new Error(`not accepted: ${first.$case}`)
    expect(first.value.duplicate).toBe(false)
    const again = { ...first, value: { ...first.value, duplicate: true } }
    expect(await answerTo(send)).toEqual(again)
    await crash()
    expect(await answerTo(send)).toEqual(again)

    const { conversationId, seq } = first.value
    const recall = { content: { $case: 'recall', value: { targetSeq: seq } } } as const
    const recallId = uuidv7(systemScheduler)
    const recalled = await answerTo(sendOf(recallId, { conversationId }, recall))
    expect(recalled.$case).toBe('accepted')
    expect(await answerTo(send)).toEqual(again)
    await crash()
    expect(await answerTo(send)).toEqual(again)

    const { entries } = await ann.calls.history.listMessages({ conversationId, limit: 50 })
    expect(entries.map(({ entry }) => entry?.content?.content?.$case)).toEqual(['erased', 'recall'])
    expect(entries[0]?.entry?.clientMessageId).toEqual(Buffer.from(messageId))
  })

  test('with other words under the same id is refused and changes nothing', async () => {
    const { ann, target, messageId, answerTo, crash } = await setup(store)
    const first = await answerTo(textSend(messageId, target, 'these words'))
    if (first.$case !== 'accepted') throw new Error(`not accepted: ${first.$case}`)
    const other = textSend(messageId, target, 'other words')
    for (const restart of [false, true]) {
      if (restart) await crash()
      expect(await answerTo(other)).toMatchObject({
        $case: 'refused',
        value: { reason: expect.stringMatching(/^[A-Z_]+$/) },
      })
    }
    const { conversationId } = first.value
    const { entries } = await ann.calls.history.listMessages({ conversationId, limit: 50 })
    expect(entries.map(({ entry }) => entry?.content?.content)).toEqual([
      { $case: 'text', value: { text: 'these words' } },
    ])
  })

  test('sent twice in one frame is stored once', async () => {
    const { ann, target, messageId, answerTo } = await setup(store)
    const send = textSend(messageId, target, 'twice at once')
    const first = await answerTo(send, send)
    if (first.$case !== 'accepted') throw new Error(`not accepted: ${first.$case}`)
    const { conversationId } = first.value
    const { entries } = await ann.calls.history.listMessages({ conversationId, limit: 50 })
    expect(entries).toHaveLength(1)
  })

  test('two users may use the same message id', async () => {
    const { world, ann, bob, target, messageId, answerTo } = await setup(store)
    const first = await answerTo(textSend(messageId, target, 'from ann'))
    const wire = await Wire.hello(world.relay, bob.login())
    wire.write(textSend(messageId, { userId: idBytes(ann.userId) }, 'from bob'))
    const second = await wire.answer(messageId)
    wire.close()
    if (first.$case !== 'accepted' || second.$case !== 'accepted') throw new Error('not accepted')
    expect(second.value).toMatchObject({ seq: first.value.seq + 1, duplicate: false })
    expect(uuidText(second.value.conversationId)).toBe(uuidText(first.value.conversationId))
  })
})
