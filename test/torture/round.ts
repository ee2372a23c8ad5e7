import { breaches, breachLines } from '@parley/history'
import type { HistoryEvent } from '@parley/history'
import { delay, systemScheduler } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { assemble } from './clients/crew.ts'
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

/** Plays one round in a world: calm, storm, healing, calm, reading back, judgement. */
export async function playRound(
  world: TortureWorld,
  round: Round,
  seed: number,
): Promise<RoundOutcome> {
  const startMs = performance.now()
  const recorder = new Recorder()
  const phase = (name: 'faults' | 'heal' | 'end') =>
    recorder.note({}, { op: 'info', f: 'phase', phase: name })
  const crew = await assemble(world.balancer.address, `${seed}`, recorder)
  const stage = await setStage({ world, crew, recorder, seed })
  const { devices } = stage
  await eventually(() => devices.every(({ isOnline }) => isOnline), { timeoutMs: onlineLimitMs })
  gauge(world.parts, world.pid, 'before', recorder)
  const deeds = noDeeds()
  phase('faults')
  const stormMs = await storm({ world, round, stage, recorder, seed, deeds })
  // A gRPC client that is closed while it connects leaves an idle connection behind, which a relay
  // keeps for minutes: what is measured later is without them.
  for (const relay of world.relays) world.ways.get(relay)?.cut()
  phase('heal')
  await calm(stage)
  gauge(world.parts, world.pid, 'after', recorder)
  phase('end')
  await stage.close()
  await readBack(world, crew, recorder)
  await crew.close()
  const found = breachLines(breaches(recorder.events))
  return {
    seed,
    accepted: recorder.accepted,
    deeds,
    events: recorder.events,
    breaches: [...found, ...world.deaths.splice(0)],
    files: stage.files.size,
    stormMs,
    totalMs: performance.now() - startMs,
  }
}

interface Storm {
  readonly world: TortureWorld
  readonly round: Round
  readonly stage: Stage
  readonly recorder: Recorder
  readonly seed: number
  readonly deeds: Deeds
}

/** Everybody plays while the nemesis does its work, and until enough is accepted. */
async function storm({ world, round, stage, recorder, seed, deeds }: Storm): Promise<number> {
  const startMs = performance.now()
  const stop = new AbortController()
  const playing = stage.play(round.perSecond, stop.signal)
  const victims = victimsOf(world, stage)
  const { tracks } = round
  try {
    await wreak({ tracks, seed, victims, recorder, signal: stop.signal }, deeds)
    const stormMs = performance.now() - startMs
    await accepted(recorder, round.messages)
    return stormMs
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
    await eventually(isFurther, { timeoutMs: stuckLimitMs, everyMs: 50 })
  }
}

async function calm(stage: Stage): Promise<void> {
  const stop = new AbortController()
  const playing = [stage.play(calmPerSecond, stop.signal), stage.playCalm(stop.signal)]
  await delay(systemScheduler, calmMs)
  stop.abort()
  await Promise.all(playing)
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
