import type { MemberName } from '@parley/cluster'
import { eventually } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { breaches } from '../harness/checker.ts'
import { isAccepted } from '../harness/history.ts'
import { pairsOf } from '../harness/pairs.ts'
import type { Pairs } from '../harness/pairs.ts'
import { patiently, promptly } from '../harness/promptly.ts'
import { cpuSeconds } from '../harness/processes.ts'
import { Reader } from '../harness/reader.ts'
import { testWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'

const pairCount = 10
const devicesEach = 15
const clients = pairCount * 2 * devicesEach
/** Logins at a time: enough to keep all processors at work, few enough that none is too late. */
const loginsAtOnce = 6
const caughtUpLimitMs = 5_000
const messagesEach = 5

const env = { RATE_FACTOR: '1000' }
const storms = [
  { note: 'the only relay, on SQLite, which is started again', options: { env } },
  {
    note: 'one of two relays, on MariaDB',
    options: { env, store: 'mariadb', relays: 2 },
  },
] as const

test.each(storms)(
  `${clients} clients of a killed relay ($note) are caught up within 5 s, and no password is hashed`,
  async ({ options }) => {
    const world = await testWorld(options)
    const doors = [...world.relays.values()]
    world.balancer?.setBackends(doors.slice(0, 1))
    const pairs = await pairsOf(world, pairCount)
    const { crowd, cpuOfLogins } = await crowdOf(world, pairs)
    const say = () => Promise.all(pairs.talkers.map((talker) => talker.say()))
    for (let i = 0; i < messagesEach; i += 1) await say()
    await eventually(() => crowd.every(({ caughtUpAtMs }) => caughtUpAtMs > 0), patiently)
    world.balancer?.setBackends(doors)

    await promptly(caughtUpLimitMs, async (attempt) => {
      const relays = [...world.relays.keys()]
      const victim = relays[attempt % relays.length] ?? 'relay'
      const heir = relays[(attempt + 1) % relays.length] ?? 'relay'
      const storm = await stormOf(world, crowd, { victim, heir, say })
      expect(storm.cpu).toBeLessThan(cpuOfLogins / 2)
      return storm.tookMs
    })

    const answers = pairs.history.sends.flatMap((send) => send.answers)
    expect(answers.every(isAccepted)).toBe(true)
    await pairs.readAll()
    expect(breaches(pairs.history)).toEqual([])
    expect(world.deaths()).toEqual([])
  },
)

interface StormRequest {
  readonly victim: MemberName
  /** To whom everybody comes; the victim itself when there is no other relay. */
  readonly heir: MemberName
  /** Everybody says something. */
  readonly say: () => Promise<unknown>
}

/** Kills a relay that everybody is at: when 99 % were caught up again, and what CPU that has cost. */
async function stormOf(world: World, crowd: readonly Reader[], request: StormRequest) {
  const { victim, heir, say } = request
  const restingCpu = heir === victim ? 0 : cpuOf(world, heir)
  const killedAtMs = performance.now()
  await world.kill(victim)
  const wake = say()
  if (heir === victim) await world.cluster.start(victim)
  const isBack = ({ caughtUpAtMs }: Reader) => caughtUpAtMs > killedAtMs
  await eventually(() => crowd.every(isBack), patiently)
  const cpu = cpuOf(world, heir) - restingCpu
  const waitsMs = crowd.map((one) => one.caughtUpAtMs - killedAtMs).toSorted((a, b) => a - b)
  await wake
  if (heir !== victim) await world.cluster.start(victim)
  return { cpu, tookMs: waitsMs[Math.ceil(clients * 0.99) - 1] ?? Infinity }
}

/** Everybody's further devices, beside the readers there are, and what their logins have cost. */
async function crowdOf(world: World, { history, people, readers }: Pairs) {
  const crowd: Reader[] = [...readers]
  onTestFinished(async () => {
    await Promise.all(crowd.map((reader) => reader.close()))
  })
  const before = cpuOf(world, 'relay')
  const queue = people.flatMap((person) => Array.from({ length: devicesEach - 1 }, () => person))
  const logIn = async () => {
    for (let person = queue.pop(); person; person = queue.pop()) {
      const name = `${person.name} ${queue.length}`
      crowd.push(new Reader(history, await person.device(name), name))
    }
  }
  await Promise.all(Array.from({ length: loginsAtOnce }, logIn))
  expect(crowd).toHaveLength(clients)
  return { crowd, cpuOfLogins: cpuOf(world, 'relay') - before }
}

function cpuOf({ cluster }: World, member: MemberName): number {
  return cpuSeconds(cluster.pid(member) ?? 0)
}
