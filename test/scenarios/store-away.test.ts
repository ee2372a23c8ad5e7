import { idBytes } from '@parley/client'
import { delay, systemScheduler, uuidv7 } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { expect, test } from 'vitest'
import { breaches } from '../harness/checker.ts'
import { isAccepted } from '../harness/history.ts'
import { pairsOf } from '../harness/pairs.ts'
import { late } from '../harness/promptly.ts'
import { openTraffic } from '../harness/traffic.ts'
import { Wire, textSend } from '../harness/wire.ts'
import { testWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'

const perSecond = 100
/** Every message has an answer within this time, whatever is the matter with the database. */
const answerLimitMs = 10_000
const recoveryLimitMs = 10_000

const outages = [
  {
    note: 'killed and started again',
    begin: (world: World) => world.mariadb?.kill(),
    end: (world: World) => world.mariadb?.start(),
    forMs: 10_000,
  },
  {
    note: 'halted where it stands',
    begin: (world: World) => world.mariadb?.pause(),
    end: (world: World) => world.mariadb?.resume(),
    forMs: 8_000,
  },
] as const

test.each(outages)(
  'while the database is away ($note) messages are unresolved, and accepted once it is back',
  async ({ begin, end, forMs }) => {
    const world = await testWorld({ store: 'mariadb', relays: 2 })
    const pairs = await pairsOf(world, 2)
    const { history, talkers, people } = pairs
    const [ann, bob] = [people[0]!, people[1]!]
    await talkers[0]!.say()
    const wire = await Wire.hello(world.relay, ann.login(), { transient: true })
    const send = textSend(uuidv7(systemScheduler), { userId: idBytes(bob.userId) }, 'when away')

    const traffic = openTraffic(talkers, perSecond)
    await eventually(() => history.accepted() > 100)
    await begin(world)
    const askedAtMs = performance.now()
    wire.write(send)
    const id = send.$case === 'send' ? send.value.clientMessageId : Buffer.alloc(16)
    expect((await wire.answer(id)).$case).toBe('unresolved')
    expect(performance.now() - askedAtMs).toBeLessThan(late(answerLimitMs))
    await delay(systemScheduler, Math.max(0, forMs - (performance.now() - askedAtMs)))
    await end(world)
    const before = history.accepted()
    await eventually(() => history.accepted() > before + 100, { timeoutMs: late(recoveryLimitMs) })
    await traffic.stop()
    wire.close()

    const answers = history.sends.map((one) => one.answers)
    expect(answers.filter((each) => each.length !== 1)).toEqual([])
    expect(answers.flat().filter((answer) => !isAccepted(answer))).toEqual([])
    await pairs.readAll()
    expect(breaches(history).filter((line) => !line.includes('when away'))).toEqual([])
    expect(world.deaths()).toEqual([])
  },
)
