import { eventually } from '@parley/testkit'
import { expect, test } from 'vitest'
import { breaches } from '../harness/checker.ts'
import { History, isAccepted } from '../harness/history.ts'
import { befriend } from '../harness/person.ts'
import { patiently } from '../harness/promptly.ts'
import { Reader, readBack } from '../harness/reader.ts'
import { StreamSender } from '../harness/stream-sender.ts'
import { Talker } from '../harness/talker.ts'
import { WebWire } from '../harness/web-wire.ts'
import { testWorld } from '../harness/world.ts'

const onWeb: typeof WebWire.hello = (...asked) => WebWire.hello(...asked)
const kills = 3
const messagesBetween = 200
const inFlight = 4

test('WebSocket devices whose relay is killed -9 go on with their cursors: nothing is lost, repeated or out of order, there or on gRPC', async () => {
  const world = await testWorld()
  const [ann, bob] = [await world.person('ann'), await world.person('bob')]
  await befriend(ann, bob)
  const history = new History()
  const sender = new StreamSender(history, ann.userId, onWeb)
  // Who sends is not sent its own entries, so what it is told is no whole log.
  const told = new History()
  const browser = new Reader(told, await ann.device('browser'), 'browser', undefined, sender.open)
  const others = [
    new Reader(history, await ann.device('tablet'), 'tablet', undefined, onWeb),
    new Reader(history, await bob.device('reader'), "bob's reader"),
  ]
  const talker = new Talker(history, bob.connect(), { userId: ann.userId }, 'bob')
  // The conversation exists before the first kill, so that everybody's first hello is behind them.
  const { conversationId: id } = await talker.say()
  await eventually(() => [browser, ...others].every((one) => one.seq(id) === 1), patiently)

  const total = kills * messagesBetween
  let said = 0
  const line = async () => {
    while (said < total) {
      said += 1
      await Promise.all([sender.say({ userId: bob.userId }, `ann ${said}`), talker.say()])
    }
  }
  const talking = Promise.all(Array.from({ length: inFlight }, line))
  for (let kill = 0; kill < kills; kill += 1) {
    const due = 2 * kill * messagesBetween + messagesBetween
    await eventually(() => history.accepted() >= due, { ...patiently, everyMs: 1 })
    await world.kill('relay')
    await world.cluster.start('relay')
  }
  await talking

  const stored = await readBack(history, ann, id)
  const ofBob = stored.filter(({ senderId }) => senderId === bob.userId)
  await eventually(() => others.every((one) => one.seq(id) >= stored.length), patiently)
  await eventually(() => browser.seq(id) >= (ofBob.at(-1)?.seq ?? 0), patiently)
  await Promise.all([browser, ...others].map((one) => one.close()))
  expect(stored).toHaveLength(2 * total + 1)
  expect(breaches(history)).toEqual([])
  expect(history.sends.filter(({ answers }) => !answers.every(isAccepted))).toEqual([])
  const entriesOf = ({ log }: Reader) => log.entries.filter((one) => one.conversationId === id)
  for (const one of others) expect(entriesOf(one)).toEqual(stored)
  const seqs = entriesOf(browser).map(({ seq }) => seq)
  expect(seqs).toEqual([...new Set(seqs)].toSorted((one, other) => one - other))
  const ofBobThere = entriesOf(browser).filter(({ senderId }) => senderId === bob.userId)
  expect(ofBobThere).toEqual(ofBob)
  expect(world.deaths()).toEqual([])
})
