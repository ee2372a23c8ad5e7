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
/** After the healing: presence hears of all relays again, and relays ask it again every 4 s. */
const unknownForMs = 6_000

type Change = EventOf<'came'> | EventOf<'gone'>
type Watch = EventOf<'watch'>
type Told = EventOf<'presence'>

/** I14: once all is healed every watcher is told in time who comes and who goes, and ends up right. */
export const presenceConverges: Invariant = (facts) => {
  const { events, streams } = facts
  const heal = facts.phase('heal')
  if (heal === undefined) return []
  const told = Map.groupBy(
    events.filter((event) => event.f === 'presence'),
    keyOf,
  )
  const changes = Map.groupBy(events.filter(isChange), ({ user }) => user)
  const endT = events.at(-1)?.t ?? 0
  return events.flatMap((watch) => {
    if (watch.f !== 'watch') return []
    const own = changes.get(watch.of) ?? []
    const closedT = streams.get(watch.session)?.closed?.t ?? endT
    return own.flatMap((change, i) => {
      if (change.t < heal.t) return []
      const untilT = Math.min(own[i + 1]?.t ?? Infinity, closedT)
      return lateFor({ watch, change, untilT, healT: heal.t }, told.get(keyOf(watch)) ?? [])
    })
  })
}

interface Due {
  readonly watch: Watch
  readonly change: Change
  readonly untilT: number
  readonly healT: number
}

// What a watcher believes when time is up: judged unless its stream ended, or the user changed again,
// before that. Who begins to watch later has the same time from there on.
function lateFor({ watch, change, untilT, healT }: Due, told: readonly Told[]): string[] {
  const limitMs = change.f === 'came' ? arrivalWithinMs : seenWithinMs[change.how]
  const dueT = Math.max(change.t, watch.t) + limitMs
  if (untilT < dueT) return []
  const state = told.findLast(({ t }) => t <= dueT)?.state ?? 'nothing'
  const isGathering = state === 'unknown' && dueT < healT + unknownForMs
  const isRight = change.f === 'came' ? isGathering || thereStates.has(state) : state === 'offline'
  if (isRight) return []
  const what = change.f === 'came' ? 'came' : `went (${change.how})`
  return [`${watch.user} believed ${watch.of} ${state} ${limitMs} ms after that one ${what}`]
}

const thereStates = new Set(['online', 'away', 'busy'])

function keyOf({ session, of }: Watch | Told): string {
  return `${session} ${of}`
}

function isChange(event: HistoryEvent): event is Change {
  return event.f === 'came' || event.f === 'gone'
}
