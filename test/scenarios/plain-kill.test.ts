import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Target } from '@parley/client'
import { eventually, seededRandom } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { breaches } from '../harness/checker.ts'
import { History } from '../harness/history.ts'
import { compileJava, isJavaMissing } from '../harness/java.ts'
import { befriend, makeGroup } from '../harness/person.ts'
import type { Person } from '../harness/person.ts'
import { misses, noteTries, shownOf, textsBy } from '../harness/plain/judge.ts'
import { javaManner, textManner } from '../harness/plain/manner.ts'
import { PlainUser } from '../harness/plain/plain-user.ts'
import { patiently } from '../harness/promptly.ts'
import { Reader, readBack } from '../harness/reader.ts'
import { StreamSender } from '../harness/stream-sender.ts'
import { openTraffic } from '../harness/traffic.ts'
import { testWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'

const perSecond = 150
/** So many messages of gRPC users are accepted between two ends of a relay, at least and at most. */
const between = [50, 200] as const
const label = '#Group'
const farewell = 'this relay stops; connect again'
const hasJava = !isJavaMissing('the Java client among those whose relay ends')

/** Somebody at an old program, and the direct conversation with gina. */
interface Old {
  readonly user: PlainUser
  readonly person: Person
  readonly direct: string
}

/** Gina and ken speak gRPC, tom types at a raw socket, jo has the Java client where there is a JDK. All are in one group. */
async function setup(seed: number) {
  // A machine with other work to do takes its time to let everybody go.
  const env = { DIALECTS: 'grpc,text,java', DRAIN_MS: '30000' }
  const world = await testWorld({ env })
  const names = ['gina', 'ken', 'tom', ...(hasJava ? ['jo'] : [])]
  const [gina, ken, ...olds] = await Promise.all(names.map((name) => world.person(name)))
  for (const one of [ken!, ...olds]) await befriend(gina!, one)
  const group = await makeGroup(gina!, [ken!, ...olds])

  const history = new History()
  const [ginas, kens] = [await sender(history, gina!), await sender(history, ken!)]
  const toOlds = olds.map(({ userId, name }) => speaker(ginas, { userId }, `gina to ${name}`))
  const toAll = speaker(kens, { conversationId: group }, 'ken')
  // All conversations exist before the storm.
  for (const { say } of [...toOlds, toAll]) await say()
  const readers = [await reader(history, gina!), await reader(history, ken!)] as const
  const manners = [
    textManner(...addressOf(world), 'tom'),
    ...(hasJava ? [await joManner(world)] : []),
  ]
  const random = seededRandom(seed)
  const directs = history.sends.map(({ conversationId }) => conversationId)
  const all = olds.map((person, i): Old => {
    const user = new PlainUser(history, person.name, manners[i]!, ['gina', label], random)
    onTestFinished(() => user.leave())
    return { user, person, direct: directs[i] ?? '' }
  })
  return {
    world,
    history,
    gina: gina!,
    group,
    readers,
    olds: all,
    speakers: [...toOlds, toAll],
    random,
  }
}

/** The sending half of somebody at gRPC. What its own stream is told is no whole log, and goes nowhere. */
async function sender(history: History, person: Person): Promise<StreamSender> {
  const made = new StreamSender(history, person.userId)
  const device = await person.device('sender')
  const half = new Reader(new History(), device, 'sender', undefined, made.open)
  onTestFinished(() => half.close())
  return made
}

async function reader(history: History, person: Person): Promise<Reader> {
  const made = new Reader(history, await person.device('reader'), `${person.name}'s reader`)
  onTestFinished(() => made.close())
  return made
}

function speaker(by: StreamSender, target: Target, name: string) {
  let count = 0
  const say = () => {
    count += 1
    return by.say(target, `${name} ${count}`)
  }
  return { say }
}

function addressOf({ relay }: World): [host: string, port: string] {
  const [host = '', port = ''] = relay.split(':')
  return [host, port]
}

async function joManner(world: World) {
  const classes = path.join(world.folder, 'classes')
  await mkdir(classes)
  await compileJava(classes, 'qqcommon', 'qqclient')
  return javaManner(classes, ...addressOf(world), 'jo')
}

/** The first login shows the newest entries only: it is over, and known to be, before there are more. */
async function settle({ olds }: Stage): Promise<void> {
  const users = olds.map(({ user }) => user)
  // Gina's and ken's first ones.
  const isShown = ({ shown }: PlainUser) =>
    shown.flat().filter(({ from }) => /^(gina|ken#)/.test(from)).length === 2
  await eventually(() => users.every(isShown), patiently)
  for (const user of users) user.hangUp()
  await eventually(() => users.every(({ shown }) => shown.length > 1), patiently)
}

type Stage = Awaited<ReturnType<typeof setup>>

/** Everybody talks, and so often the relay ends in the middle of it; then all is said. */
async function storm(
  { history, olds, speakers, random }: Stage,
  times: number,
  strike: () => Promise<void>,
) {
  for (const { user } of olds) user.talk()
  const traffic = openTraffic(speakers, perSecond)
  const allTalk = () => olds.every(({ user }) => user.isTalking)
  for (let time = 0; time < times; time += 1) {
    const due = history.accepted() + between[0] + Math.floor(random() * (between[1] - between[0]))
    await eventually(() => allTalk() && history.accepted() >= due, { ...patiently, everyMs: 1 })
    await strike()
  }
  await eventually(allTalk, patiently)
  for (const { user } of olds) user.stop()
  await traffic.stop()
  await eventually(() => olds.every(({ user }) => user.open === 0), patiently)
}

/** Reads everything back, and waits until the readers of gRPC users have it. */
async function readAll({ history, gina, group, readers, olds }: Stage): Promise<void> {
  const [ginas, kens] = readers
  for (const id of [group, ...olds.map(({ direct }) => direct)]) {
    const head = (await readBack(history, gina, id)).at(-1)?.seq ?? 0
    await eventually(() => ginas.seq(id) >= head, patiently)
    if (id === group) await eventually(() => kens.seq(id) >= head, patiently)
  }
  await Promise.all(readers.map((one) => one.close()))
}

/** What came of each conversation of somebody at an old program: what was tried and stored, what others said, what was shown. */
function talksOf({ history, group }: Stage, { user, person: { userId }, direct }: Old) {
  return ['gina', label].map((to) => {
    const isOfIt = (from: string) => from.endsWith(label) === (to === label)
    const log = history.stored.get(to === label ? group : direct) ?? []
    const tries = user.tries.filter((one) => one.to === to).map(({ text }) => text)
    return { ...textsBy(userId, log), tries, shown: () => shownOf(user, isOfIt) }
  })
}

/** What was said is stored in its order, by its first copies as by its last ones; what is stored was shown. */
async function judge(stage: Stage): Promise<void> {
  const { world, history, group, olds } = stage
  for (const old of olds) {
    const { user, person, direct } = old
    for (const { own, others, tries, shown } of talksOf(stage, old)) {
      expect(once(own)).toEqual(once(tries))
      expect(once(own.toReversed())).toEqual(once(tries).toReversed())
      await eventually(() => expect(misses(shown(), others)).toEqual([]), patiently)
    }
    const conversationOf = (to: string) => (to === label ? group : direct)
    noteTries(history, user, { userId: person.userId, conversationOf })
    expect(user.refusals).toEqual([])
  }
  expect(breaches(history)).toEqual([])
  expect(world.deaths()).toEqual([])
}

const once = (texts: readonly string[]) => [...new Set(texts)]

test('what old programs without ids were told is done, and what they have shown, survives kill -9 of their relay, in order and complete', async () => {
  const stage = await setup(20_262)
  const { world, olds } = stage
  await settle(stage)
  await storm(stage, 3, async () => {
    await world.kill('relay')
    await world.cluster.start('relay')
  })
  await readAll(stage)
  await judge(stage)
  for (const { user } of olds) {
    const texts = user.tries.map(({ text }) => text)
    // Half a line at least had no answer.
    expect(texts.length).toBeGreaterThan(once(texts).length)
    expect(user.shown.length).toBeGreaterThan(4)
  }
})

test('old programs whose relay stops are told so in their own words, and are shown nothing twice; who gets answers has nothing stored twice', async () => {
  const stage = await setup(20_263)
  const { world, olds } = stage
  await settle(stage)
  await storm(stage, 2, () => world.restart('relay'))
  await readAll(stage)
  await judge(stage)
  for (const { user } of olds) {
    const lastLines = user.shown.slice(1, -1).map((lines) => lines.at(-1))
    expect(lastLines).toEqual([farewell, farewell].map((text) => ({ from: 'Server', text })))
  }
  for (const { shown, others } of olds.flatMap((old) => talksOf(stage, old))) {
    expect(shown().flat()).toEqual(others)
  }
  const tom = olds.find(({ user }) => user.name === 'tom')
  const toms = tom === undefined ? [] : talksOf(stage, tom)
  expect(toms.map(({ own }) => own)).toEqual(toms.map(({ tries }) => once(tries)))
})
