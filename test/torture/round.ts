import { idBytes, idText } from '@parley/client'
import { breaches, breachLines } from '@parley/history'
import type { HistoryEvent } from '@parley/history'
import { delay, systemScheduler, within } from '@parley/service-kit'
import { eventually, seededRandom } from '@parley/testkit'
import { Wire, helloOf } from '../harness/wire.ts'
import { assemble } from './clients/crew.ts'
import type { Crew, Role } from './clients/crew.ts'
import { Device } from './clients/device.ts'
import type { DeviceOptions } from './clients/device.ts'
import type { Target } from './clients/messages.ts'
import { Recorder } from './clients/recorder.ts'
import { seenEntry } from './clients/seen-entry.ts'
import { Talker } from './clients/talker.ts'
import { noDeeds, wreak } from './nemesis/nemesis.ts'
import type { Deeds } from './nemesis/nemesis.ts'
import type { Victims } from './nemesis/victims.ts'
import type { Round } from './profiles.ts'
import type { TortureWorld } from './world.ts'

/** How a round went. */
export interface RoundOutcome {
  readonly seed: number
  readonly accepted: number
  readonly deeds: Deeds
  readonly events: readonly HistoryEvent[]
  readonly breaches: readonly string[]
  /** From the first fault to the last. */
  readonly stormMs: number
  readonly totalMs: number
}

const settleLimitMs = 10_000
const readLimitMs = 60_000

/** Plays one round in a world: calm, storm, healing, reading back, judgement. */
export async function playRound(
  world: TortureWorld,
  round: Round,
  seed: number,
): Promise<RoundOutcome> {
  const startMs = performance.now()
  const recorder = new Recorder()
  const crew = await assemble(world.balancer.address, seed.toString(36), recorder)
  const stage = await enter(world, round, crew, { recorder, seed })
  recorder.note({}, { op: 'info', f: 'phase', phase: 'faults' })
  const deeds = noDeeds()
  const stormMs = await storm(world, round, stage, { recorder, seed, deeds })
  recorder.note({}, { op: 'info', f: 'phase', phase: 'heal' })
  await delay(systemScheduler, settleLimitMs)
  recorder.note({}, { op: 'info', f: 'phase', phase: 'end' })
  await Promise.all(stage.devices.map((device) => device.close()))
  await readBack(crew, recorder, () => world.balancer.address)
  const found = breachLines(breaches(recorder.events))
  await crew.close()
  return {
    seed,
    accepted: recorder.accepted,
    deeds,
    events: recorder.events,
    breaches: [...found, ...world.deaths],
    stormMs,
    totalMs: performance.now() - startMs,
  }
}

interface Stage {
  readonly devices: readonly Device[]
  readonly talkers: readonly Talker[]
}

interface Play {
  readonly recorder: Recorder
  readonly seed: number
}

async function enter(
  world: TortureWorld,
  round: Round,
  { people, group, direct }: Crew,
  { recorder, seed }: Play,
): Promise<Stage> {
  const random = seededRandom(seed)
  const { doors } = world
  const door = () => doors[Math.floor(random() * doors.length)] ?? world.balancer.address
  const all: Target = { conversationId: group }
  const both: Target = { conversationId: direct }
  const common = async (role: Role, name: string): Promise<DeviceOptions> => ({
    person: await people[role].device(name),
    name: `${role}-${name}`,
    recorder,
    door,
    window: 8 + Math.floor(random() * 40),
  })
  const plays: readonly (readonly [Role, readonly Target[]])[] = [
    ['ann', [all, both]],
    ['bob', [all, both, both]],
    ['cat', [all]],
    ['dan', [all]],
  ]
  const talkers: Talker[] = []
  const readers: Device[] = []
  for (const [role, targets] of plays) {
    const perSecond = round.perSecond / plays.length
    const options = await common(role, 'talker')
    talkers.push(new Talker({ ...options, targets, random, perSecond }))
    readers.push(new Device(await common(role, 'reader')))
  }
  const devices = [...talkers.map(({ device }) => device), ...readers]
  await eventually(() => devices.every(({ isOnline }) => isOnline))
  return { devices, talkers }
}

async function storm(
  world: TortureWorld,
  round: Round,
  { devices, talkers }: Stage,
  { recorder, seed, deeds }: Play & { deeds: Deeds },
): Promise<number> {
  const startMs = performance.now()
  const stop = new AbortController()
  const talking = talkers.map((talker) => talker.talk(stop.signal))
  const victims = victimsOf(world, devices)
  const { tracks } = round
  await wreak({ tracks, seed, victims, recorder, signal: stop.signal }, deeds)
  const stormMs = performance.now() - startMs
  await eventually(() => recorder.accepted >= round.messages, { timeoutMs: 120_000, everyMs: 50 })
  stop.abort()
  await Promise.all(talking)
  return stormMs
}

function victimsOf(world: TortureWorld, clients: readonly Device[]): Victims {
  const { pid, kill, start, ways } = world
  return { pid, kill, start, way: (name) => ways.get(name), clients }
}

/** Reads the logs afresh by a stream of a new device, from their first entries on. */
async function readBack(crew: Crew, recorder: Recorder, door: () => string): Promise<void> {
  const person = await crew.people.ann.device('fresh')
  const conversations = [crew.group, crew.direct]
  const who = { user: person.userId }
  const wire = new Wire(door())
  wire.keepsEvents = false
  const caughtUp = new Promise<void>((resolve) => {
    wire.on((event) => {
      if (event.$case === 'caughtUp') resolve()
      if (event.$case !== 'entries') return
      const { conversationId, firstSeq: first, entries } = event.value
      const conversation = idText(conversationId)
      recorder.note(who, {
        op: 'ok',
        f: 'log',
        conversation,
        first,
        entries: entries.map(seenEntry),
      })
    })
  })
  const cursors = conversations.map((id) => {
    return { conversationId: Buffer.from(idBytes(id)), epoch: crew.epoch, seq: 0 }
  })
  wire.write({ $case: 'hello', value: helloOf(person.login(), { cursors }) })
  await within(systemScheduler, readLimitMs, 'reading back', caughtUp)
  wire.close()
}
