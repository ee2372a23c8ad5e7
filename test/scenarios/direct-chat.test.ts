import { idText } from '@parley/client'
import type { ClientEvent } from '@parley/client'
import type { chat } from '@parley/proto'
import { eventually, seededRandom } from '@parley/testkit'
import { expect, test } from 'vitest'
import { breaches } from '../harness/checker.ts'
import { directCaller, isOpen } from '../harness/direct-caller.ts'
import type { DirectCaller } from '../harness/direct-caller.ts'
import { History } from '../harness/history.ts'
import type { DeviceLog, SeenEntry } from '../harness/history.ts'
import { befriend } from '../harness/person.ts'
import type { Person } from '../harness/person.ts'
import { testWorld } from '../harness/world.ts'
import { bothWays } from '../torture/proxy/index.ts'
import type { FaultProxy } from '../torture/proxy/index.ts'

const patience = { timeoutMs: 60_000 }
const rounds = 10
const messagesPerRound = 120
const inFlight = 10

/** A device, and what it has shown. */
interface Caller extends DirectCaller {
  readonly log: DeviceLog
  readonly directs: {
    readonly directMs: number | undefined
    readonly relayMs: number | undefined
  }[]
}

function textOf(text: string): chat.Content {
  return { content: { $case: 'text', value: { text } } }
}

async function callerOf(person: Person, history: History): Promise<Caller> {
  const log = history.device(`${person.name}-1`, person.userId)
  const caller: Caller = { ...(await directCaller(person)), log, directs: [] }
  caller.client.on((event) => note(caller, event))
  return caller
}

/** Notes what the device is told, and what its user sees of it. */
function note({ person, log, directs }: Caller, event: ClientEvent): void {
  if (event.type === 'direct-doubt') log.doubted.push(event.messageId)
  if (event.type === 'direct-message') {
    const { senderId, messageId, text: body, directMs, relayMs } = event
    directs.push({ directMs, relayMs })
    log.shown.push({ senderId, messageId, body, way: 'direct' })
  }
  if (event.type !== 'entries' || event.conversation.peerId === '') return
  event.entries.forEach((entry, at) => {
    const seq = event.firstSeq + at
    const seen = seenOf(event.conversation.conversationId, seq, entry)
    log.entries.push(seen)
    if (seen.senderId === person.userId || event.shownSeqs?.includes(seq) === true) return
    log.shown.push({ ...seen, way: 'relay' })
  })
}

function seenOf(conversationId: string, seq: number, entry: chat.Entry): SeenEntry {
  const { senderId, clientMessageId, content } = entry
  const body = content?.content?.$case === 'text' ? content.content.value.text : ''
  const ids = { senderId: idText(senderId), messageId: idText(clientMessageId) }
  return { conversationId, seq, ...ids, body }
}

/** Ann and bob, friends who have said hello, each ready for a path to the other. */
async function setup() {
  const world = await testWorld({ services: ['relay'] })
  const history = new History()
  const people = [await world.person('ann'), await world.person('bob')] as const
  await befriend(...people)
  const [ann, bob] = [await callerOf(people[0], history), await callerOf(people[1], history)]
  const to = { userId: bob.person.userId }
  const send = { senderId: ann.person.userId, conversationId: '', body: 'hello' }
  const record = history.invoke({ ...send, messageId: history.newMessageId() })
  const { messageId } = record
  const result = await ann.client.send(to, textOf('hello'), { messageId })
  if (result.state !== 'accepted') throw new Error('hello was not accepted')
  const { conversationId, seq } = result
  record.conversationId = conversationId
  record.answers.push({ type: 'accepted', seq, duplicate: false, at: history.tick() })
  await eventually(() => bob.log.entries.length === 1, patience)
  for (const { client } of [ann, bob]) client.direct(conversationId, true)
  await eventually(() => isOpen(ann) && isOpen(bob), patience)
  return { world, history, ann, bob, conversationId }
}

type Scene = Awaited<ReturnType<typeof setup>>

/** Says so many texts, some at a time; `said` is called after each answer. */
async function talk(scene: Scene, from: Caller, round: number, said: () => void) {
  const { history, conversationId } = scene
  const senderId = from.person.userId
  let next = 0
  const lane = async () => {
    while (next < messagesPerRound) {
      const body = `${from.person.name} ${round}.${(next += 1)}`
      const messageId = history.newMessageId()
      const record = history.invoke({ senderId, conversationId, messageId, body })
      const answer = await from.client.send({ conversationId }, textOf(body), { messageId })
      if (answer.state !== 'accepted') throw new Error(`${body} was not accepted`)
      const { seq, duplicate } = answer
      record.answers.push({ type: 'accepted', seq, duplicate, at: history.tick() })
      said()
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
}

/** What breaks a way; under the last one it is only slow. */
const faults = [
  (proxy: FaultProxy) => proxy.cut(),
  (proxy: FaultProxy) => proxy.set(bothWays({ resetAfterBytes: 1_000 })),
  (proxy: FaultProxy) => proxy.set(bothWays({ stalled: true })),
  (proxy: FaultProxy) => proxy.set(bothWays({ blackholeAfterBytes: 500 })),
  (proxy: FaultProxy) => proxy.set(bothWays({ latencyMs: 40, sliceBytes: 7 })),
]

const closings = ({ moves }: Caller) => moves.filter((move) => move === 'closed').length

test('what goes directly and through the relay is shown once and none is lost while the direct way is cut at random', async () => {
  const scene = await setup()
  const { history, ann, bob, conversationId } = scene
  const random = seededRandom(24)
  const proxies = [ann.proxy, bob.proxy]
  for (let round = 0; round < rounds; round += 1) {
    await eventually(() => isOpen(ann) && isOpen(bob), patience)
    const kind = round % faults.length
    const before = closings(ann)
    let left = Math.ceil(random() * messagesPerRound)
    const said = () => {
      left -= 1
      if (left === 0) for (const proxy of proxies) faults[kind]?.(proxy)
    }
    await Promise.all([talk(scene, ann, round, said), talk(scene, bob, round, said)])
    const breaks = kind < faults.length - 1
    if (breaks) await eventually(() => closings(ann) > before, patience)
    for (const proxy of proxies) proxy.heal()
  }
  const all = 2 * rounds * messagesPerRound + 1
  await eventually(() => [ann, bob].every(({ log }) => log.entries.length === all), patience)
  history.stored.set(conversationId, [...ann.log.entries])
  expect(breaches(history)).toEqual([])
  expect([ann.log.doubted, bob.log.doubted]).toEqual([[], []])
  expect(ann.log.shown.length + bob.log.shown.length).toBe(all)
  // It was no run of the relay alone, nor one without faults.
  expect(ann.directs.length + bob.directs.length).toBeGreaterThan(messagesPerRound)
  expect(closings(ann)).toBeGreaterThanOrEqual((rounds * 4) / 5)
})

test('a block ends the path at once, on both sides', async () => {
  const scene = await setup()
  const { ann, bob, conversationId } = scene
  // Of two ways either may be the faster one, once; and the first text may come before the first ping is back.
  await eventually(async () => {
    await bob.client.send({ conversationId }, textOf('quick'))
    return ann.directs.some(({ directMs }) => (directMs ?? 0) > 0)
  }, patience)
  await ann.client.calls.contacts.block({ userId: Buffer.from(idBytesOf(bob)) })
  await eventually(() => !isOpen(ann) && !isOpen(bob), patience)
  const refused = bob.client.send({ conversationId }, textOf('are you there?'))
  await expect(refused).rejects.toMatchObject({ reason: 'BLOCKED' })
  expect(ann.log.shown.every(({ body }) => body === 'quick')).toBe(true)
})

function idBytesOf({ person }: Caller): Buffer {
  return Buffer.from(person.userId.replaceAll('-', ''), 'hex')
}
