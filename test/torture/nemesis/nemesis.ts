import { delay, systemScheduler } from '@parley/service-kit'
import type { Recorder } from '../clients/recorder.ts'
import { faults } from './faults.ts'
import { schedule } from './schedule.ts'
import type { Stroke, Track } from './schedule.ts'
import type { Victims } from './victims.ts'

/** What a nemesis has done so far. */
export interface Deeds {
  /** SIGKILLs by part. */
  readonly kills: Map<string, number>
  /** All strokes by fault. */
  readonly strokes: Map<string, number>
  /** By track: how many messages were accepted when its last stroke was over. */
  readonly over: Map<string, number>
}

/** What a nemesis needs. */
export interface NemesisRequest {
  readonly tracks: readonly Track[]
  readonly seed: number
  readonly victims: Victims
  readonly recorder: Recorder
  readonly signal: AbortSignal
}

/** Without an acknowledgement for so long the next stroke comes all the same. */
const patienceMs = 3_000
const lookEveryMs = 5

/**
 * Carries all strokes out; resolves when everything is healed. When a part cannot be mended the other
 * tracks end too, each after its stroke, and it throws.
 */
export async function wreak(request: NemesisRequest, deeds: Deeds): Promise<void> {
  const { tracks, seed } = request
  const failed = new AbortController()
  const signal = AbortSignal.any([request.signal, failed.signal])
  const followed = tracks.map(async (track, i) => {
    try {
      await follow(schedule(track, seed * 31 + i), { ...request, signal }, deeds)
      deeds.over.set(track.name, request.recorder.accepted)
    } catch (cause) {
      failed.abort()
      throw cause
    }
  })
  await Promise.allSettled(followed)
  await Promise.all(followed)
}

/** Nothing done yet. */
export function noDeeds(): Deeds {
  return { kills: new Map(), strokes: new Map(), over: new Map() }
}

async function follow(strokes: Stroke[], request: NemesisRequest, deeds: Deeds): Promise<void> {
  const { recorder, victims, signal } = request
  for (const stroke of strokes) {
    await progress(recorder, stroke.after, signal)
    if (signal.aborted) return
    if (stroke.onAck) await nextAcceptance(recorder)
    const what = `${stroke.fault} ${stroke.member}`.trim()
    recorder.note({}, { op: 'info', f: 'fault', what, on: true })
    count(deeds.strokes, stroke.fault)
    if (stroke.fault === 'kill') count(deeds.kills, stroke.member)
    await faults[stroke.fault](stroke, victims).catch((cause: unknown) => {
      throw new Error(`not over again: ${what}: ${String(cause)}`, { cause })
    })
    recorder.note({}, { op: 'info', f: 'fault', what, on: false })
  }
}

async function progress(recorder: Recorder, by: number, signal: AbortSignal): Promise<void> {
  const due = recorder.accepted + by
  const endMs = performance.now() + patienceMs
  while (recorder.accepted < due && performance.now() < endMs && !signal.aborted) {
    await delay(systemScheduler, lookEveryMs)
  }
}

// Resolves in the microtask after the acknowledgement: no other event of this process comes between.
function nextAcceptance(recorder: Recorder): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stop()
      limit.cancel()
      resolve()
    }
    const stop = recorder.onAccepted(done)
    const limit = systemScheduler.setTimer(patienceMs, done)
  })
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
