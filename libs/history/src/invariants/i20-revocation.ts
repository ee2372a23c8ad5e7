import type { EventOf } from '../events.ts'
import type { Facts, Invariant } from '../facts.ts'
import type { At } from '../sends.ts'
import type { Stream } from '../streams.ts'

/** A login that was ended has no stream after so long; the rest is for the way. */
const revokedWithinMs = 1_000
const wayMs = 250

/**
 * I20: within a second after a login was ended its streams are, too, and no new one is welcomed.
 * Where a fault was at work in that second only what came later than the fault is judged.
 */
export const revocation: Invariant = (facts) => {
  const faults = faultTimes(facts)
  return facts.events.flatMap((event, at) => {
    if (event.f !== 'revoke' || event.op !== 'ok') return []
    const streams = [...facts.streams.values()].filter(({ device }) => device === event.ofDevice)
    const dueT = dueAfter(event.t, faults)
    return streams.flatMap((stream) => alive(stream, { ...event, at }, dueT))
  })
}

function alive(stream: Stream, revoke: At<EventOf<'revoke'>>, dueT: number): string[] {
  const { session, welcomed, closed, received } = stream
  if (stream.connect.at > revoke.at) {
    return welcomed === undefined ? [] : [`${session} was welcomed after its login had ended`]
  }
  if (closed !== undefined && closed.t <= dueT) return []
  const later = received.find(({ t }) => t > dueT)
  const words = later === undefined ? 'lived on' : `was told ${later.f}`
  return [`${session} ${words} ${Math.round(dueT - revoke.t)} ms after its login had ended`]
}

interface FaultTime {
  readonly fromT: number
  toT: number
}

// The same fault may begin again before it ends, from another hand: then it lasts until both have ended it.
function faultTimes({ events }: Facts): FaultTime[] {
  const open = new Map<string, FaultTime & { hands: number }>()
  const times: FaultTime[] = []
  for (const event of events) {
    if (event.f !== 'fault') continue
    const time = open.get(event.what)
    if (time !== undefined) {
      time.hands += event.on ? 1 : -1
      if (time.hands === 0) {
        time.toT = event.t
        open.delete(event.what)
      }
    } else if (event.on) {
      const begun = { fromT: event.t, toT: Infinity, hands: 1 }
      open.set(event.what, begun)
      times.push(begun)
    }
  }
  return times
}

// A fault under way puts the due time off until it is over.
function dueAfter(t: number, faults: readonly FaultTime[]): number {
  const limitMs = revokedWithinMs + wayMs
  let dueT = t + limitMs
  for (const { fromT, toT } of faults) {
    if (fromT <= dueT && toT >= t) dueT = Math.max(dueT, toT + limitMs)
  }
  return dueT
}
