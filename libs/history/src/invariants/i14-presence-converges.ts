import type { EventOf, HistoryEvent } from '../events.ts'
import type { Invariant } from '../facts.ts'
import type { Leaving } from '../presence-events.ts'

/** By how somebody goes: how long watchers may believe that they are there. */
const seenWithinMs: Readonly<Record<Leaving, number>> = {
  bye: 2_000,
  crash: 8_000,
  // Of a heartbeat of 5 s: the server gives up 15 s after a missed one, and tells within 8 s.
  cable: 28_000,
}
const arrivalWithinMs = 2_000

type Change = EventOf<'came'> | EventOf<'gone'>
type Told = EventOf<'presence'>

/** I14: once all is healed every watcher is told in time who comes and who goes, and ends up right. */
export const presenceConverges: Invariant = (facts) => {
  const { events, streams } = facts
  const heal = facts.phase('heal')
  if (heal === undefined) return []
  const told = events.filter((event) => event.f === 'presence')
  const watchers = Map.groupBy(told, (event) => `${event.session} ${event.of}`)
  const changes = Map.groupBy(events.filter(isChange), ({ user }) => user)
  const endT = events.at(-1)?.t ?? 0
  return [...watchers.values()].flatMap((ofOne) => {
    const [first] = ofOne
    const own = changes.get(first?.of ?? '') ?? []
    const closedT = streams.get(first?.session ?? '')?.closed?.t ?? endT
    return own.flatMap((change, i) => {
      if (change.t < heal.t) return []
      return lateFor(ofOne, change, Math.min(own[i + 1]?.t ?? Infinity, closedT))
    })
  })
}

// What a watcher believes when time is up: judged unless its stream ended, or the user changed again,
// before that.
function lateFor(told: readonly Told[], change: Change, untilT: number): string[] {
  const limitMs = change.f === 'came' ? arrivalWithinMs : seenWithinMs[change.how]
  const dueT = change.t + limitMs
  if (untilT < dueT) return []
  const believed = told.findLast(({ t }) => t <= dueT)
  const isThere = believed?.state !== 'offline'
  if (believed === undefined || isThere === (change.f === 'came')) return []
  const what = change.f === 'came' ? 'came' : `went (${change.how})`
  return [
    `${believed.user} believed ${believed.of} ${believed.state} ${limitMs} ms after that one ${what}`,
  ]
}

function isChange(event: HistoryEvent): event is Change {
  return event.f === 'came' || event.f === 'gone'
}
