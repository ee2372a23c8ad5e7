import { inspect } from 'node:util'
import { breaches, breachLines } from '@parley/history'
import type { HistoryEvent } from '@parley/history'
import { delay, systemScheduler } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { assemble } from './clients/crew.ts'
import type { Crew } from './clients/crew.ts'
import { gauge } from './clients/gauges.ts'
import { Recorder } from './clients/recorder.ts'
import { noDeeds, wreak } from './nemesis/nemesis.ts'
import type { Deeds } from './nemesis/nemesis.ts'
import type { Victims } from './nemesis/victims.ts'
import type { Round } from './profiles.ts'
import { readBack } from './read-back.ts'
import { setStage } from './stage.ts'
import type { Stage } from './stage.ts'
import type { TortureWorld } from './world.ts'

/** How a round went. */
export interface RoundOutcome {
  readonly seed: number
  readonly accepted: number
  readonly deeds: Deeds
  readonly events: readonly HistoryEvent[]
  readonly breaches: readonly string[]
  /** It did not come to its end: what is left of the world is of no use to another round. */
  readonly isStuck: boolean
  readonly files: number
  /** From the first fault to the last. */
  readonly stormMs: number
  readonly totalMs: number
}

/** After this everybody must have everything, and presence must be right. */
const calmMs = 10_200
const calmPerSecond = 40
const drainLimitMs = 10_000
const onlineLimitMs = 20_000
/** Longest time without any acknowledgement before a round is given up. */
const stuckLimitMs = 120_000

/** One round while it is played. */
interface Course {
  readonly world: TortureWorld
  readonly round: Round
  readonly seed: number
  readonly recorder: Recorder
  readonly deeds: Deeds
  /** What did not come to its end. */
  readonly stuck: string[]
  files: number
  stormMs: number
}

/**
 * Plays one round in a world: calm, storm, healing, calm, reading back, judgement. What does not come
 * to its end is a breach like any other, and what was seen until then is judged all the same.
 */
export async function playRound(
  world: TortureWorld,
  round: Round,
  seed: number,
): Promise<RoundOutcome> {
  const startMs = performance.now()
  const [recorder, deeds, stuck] = [new Recorder(), noDeeds(), []]
  const course: Course = { world, round, seed, recorder, deeds, stuck, files: 0, stormMs: 0 }
  await attempt(course, 'gathering', () => play(course))
  const found = breachLines(breaches(recorder.events))
  const { files, stormMs } = course
  return {
    seed,
    accepted: recorder.accepted,
    deeds,
    events: recorder.events,
    breaches: [...stuck, ...found, ...world.deaths.splice(0)],
    isStuck: stuck.length > 0,
    files,
    stormMs,
    totalMs: performance.now() - startMs,
  }
}

async function play(course: Course): Promise<void> {
  const { world, recorder, seed } = course
  const crew = await assemble(world.balancer.address, `${seed}`, recorder)
  try {
    await attempt(course, 'playing', () => perform(course, crew))
    await attempt(course, 'reading back', () => readBack(world, crew, recorder))
  } finally {
    await crew.close()
  }
}

/** From the first connection to the last. */
async function perform(course: Course, crew: Crew): Promise<void> {
  const { world, recorder, seed } = course
  const phase = (name: 'faults' | 'heal' | 'end') =>
    recorder.note({}, { op: 'info', f: 'phase', phase: name })
  const stage = await setStage({ world, crew, recorder, seed })
  try {
    const { devices } = stage
    await eventually(() => devices.every(({ isOnline }) => isOnline), { timeoutMs: onlineLimitMs })
    await gauge(world, 'before', recorder)
    phase('faults')
    await storm(course, stage)
    // A gRPC client that is closed while it connects leaves an idle connection behind, which a relay
    // keeps for minutes: what is measured later is without them.
    for (const relay of world.relays) world.ways.get(relay)?.cut()
    phase('heal')
    await calm(stage)
    await gauge(world, 'after', recorder)
    phase('end')
  } finally {
    await stage.close()
    course.files = stage.files.size
  }
}

/** A system that goes no further has broken more than any other: it is noted, and judged. */
async function attempt({ stuck }: Course, what: string, run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (error) {
    stuck.push(`stuck while ${what}: ${error instanceof Error ? error.message : inspect(error)}`)
  }
}

/** Everybody plays while the nemesis does its work, and until enough is accepted. */
async function storm(course: Course, stage: Stage): Promise<void> {
  const { world, round, recorder, seed, deeds } = course
  const startMs = performance.now()
  const stop = new AbortController()
  const playing = heard(stage.play(round.perSecond, stop.signal))
  const victims = victimsOf(world, stage)
  const { tracks } = round
  try {
    await wreak({ tracks, seed, victims, recorder, signal: stop.signal }, deeds)
    course.stormMs = performance.now() - startMs
    await accepted(recorder, round.messages)
  } finally {
    stop.abort()
    await playing
  }
}

/** Settles when so many are accepted; throws when none is for too long. */
async function accepted(recorder: Recorder, count: number): Promise<void> {
  while (recorder.accepted < count) {
    const before = recorder.accepted
    const isFurther = () => recorder.accepted > before
    await eventually(isFurther, { timeoutMs: stuckLimitMs, everyMs: 50 }).catch(
      (cause: unknown) => {
        throw new Error(`nothing was accepted for ${stuckLimitMs / 1_000} s`, { cause })
      },
    )
  }
}

/** The same promise: that it fails while nobody waits for it yet ends no process. */
function heard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}

async function calm(stage: Stage): Promise<void> {
  const stop = new AbortController()
  const { signal } = stop
  const playing = heard(Promise.all([stage.play(calmPerSecond, signal), stage.playCalm(signal)]))
  await delay(systemScheduler, calmMs)
  stop.abort()
  await playing
  const isDrained = () => stage.devices.every(({ waiting }) => waiting === 0)
  await eventually(isDrained, { timeoutMs: drainLimitMs }).catch(() => undefined)
}

function victimsOf(world: TortureWorld, { devices }: Stage): Victims {
  return {
    pid: (part) => world.pid(part),
    kill: (part) => world.kill(part),
    start: (part) => world.start(part),
    way: (name) => world.ways.get(name),
    clock: (part) => world.clocks.get(part),
    clients: devices,
  }
}
