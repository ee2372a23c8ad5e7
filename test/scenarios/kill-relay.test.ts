import { eventually, seededRandom } from '@parley/testkit'
import { expect, test } from 'vitest'
import { breaches } from '../harness/checker.ts'
import { History, isAccepted } from '../harness/history.ts'
import { befriend, makeGroup } from '../harness/person.ts'
import { Reader, readBack } from '../harness/reader.ts'
import { Talker } from '../harness/talker.ts'
import { testWorld } from '../harness/world.ts'

const worlds = [
  { note: 'the only relay, on SQLite', kills: 12, options: {} },
  {
    note: 'two relays in turn, on MariaDB',
    kills: 4,
    options: { store: 'mariadb', relays: 2 },
  },
] as const
const inFlight = 8
/** So many answers come at least and at most between two kills. */
const between = [100, 600] as const
const seed = 20_261

test.each(worlds)(
  'acknowledged messages survive $kills times kill -9 of $note, under load',
  async ({ kills, options }) => {
    const world = await testWorld(options)
    const relays = [...world.relays.keys()]
    const people = ['ann', 'bob', 'cat', 'dan'] as const
    const [ann, bob, cat, dan] = await Promise.all(people.map((name) => world.person(name)))
    await Promise.all([ann!, bob!, dan!].map((friend) => befriend(cat!, friend)))
    await befriend(ann!, bob!)
    const group = await makeGroup(cat!, [ann!, bob!, dan!])

    const history = new History()
    const readers = await Promise.all(
      [ann!, bob!, cat!, dan!].map(
        async (person) =>
          new Reader(history, await person.device('reader'), `${person.name}'s reader`),
      ),
    )
    const clients = [ann!, bob!, cat!, dan!].map((person) => person.connect())
    const [annChat, bobChat, catChat, danChat] = clients
    const talkers = [
      new Talker(history, annChat!, { userId: bob!.userId }, 'ann to bob'),
      new Talker(history, bobChat!, { userId: ann!.userId }, 'bob to ann'),
      new Talker(history, annChat!, { conversationId: group }, 'ann to all'),
      new Talker(history, catChat!, { conversationId: group }, 'cat to all'),
      new Talker(history, danChat!, { conversationId: group }, 'dan to all'),
    ]
    // The direct conversation exists before the storm, so that everybody's first hello is behind them.
    const { conversationId: direct } = await talkers[0]!.say()

    const stop = new AbortController()
    const talking = talkers.map((talker) => talker.talk(inFlight, stop.signal))
    const random = seededRandom(seed)
    for (let kill = 0; kill < kills; kill += 1) {
      const due = history.accepted() + between[0] + Math.floor(random() * (between[1] - between[0]))
      await eventually(() => history.accepted() >= due, { timeoutMs: 60_000, everyMs: 1 })
      const victim = relays[kill % relays.length] ?? 'relay'
      await world.kill(victim)
      await world.cluster.start(victim)
    }
    stop.abort()
    await Promise.all(talking)

    for (const conversationId of [direct, group]) {
      const head =
        (await readBack(history, conversationId === group ? cat! : ann!, conversationId)).at(-1)
          ?.seq ?? 0
      const members = conversationId === direct ? readers.slice(0, 2) : readers
      const told = () => members.every((reader) => reader.seq(conversationId) >= head)
      await eventually(told, { timeoutMs: 30_000 })
    }
    await Promise.all(readers.map((reader) => reader.close()))
    expect(breaches(history)).toEqual([])
    expect(history.sends.every((send) => send.answers.some(isAccepted))).toBe(true)
    expect(history.accepted()).toBeGreaterThan(kills * between[0])
    expect(world.deaths()).toEqual([])
  },
)
