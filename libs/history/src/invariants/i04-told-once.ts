import type { Invariant } from '../facts.ts'
import type { Stream } from '../streams.ts'

/** I4: each device is told each message once by a stream, and always at the same place. */
export const toldOnce: Invariant = (facts) => {
  const byDevice = Map.groupBy(facts.walks.keys(), ({ device }) => device)
  return [...byDevice].flatMap(([device, streams]) => ofDevice(device, streams))
}

function ofDevice(device: string, streams: readonly Stream[]): string[] {
  const places = new Map<string, string>()
  return streams.flatMap((stream) => ofStream(device, stream, places))
}

function ofStream(device: string, stream: Stream, places: Map<string, string>): string[] {
  const told: string[] = []
  const byThis = new Set<string>()
  const pulled = new Set<string>()
  for (const event of stream.received) {
    if (event.f === 'pull') pulled.add(event.conversation)
    if (event.f !== 'entries') continue
    event.entries.forEach(({ sender, id, body }, i) => {
      if (id === '') return
      const key = `${sender} ${id}`
      const place = `${event.conversation} ${event.first + i}`
      const first = places.get(key) ?? place
      places.set(key, first)
      if (first !== place) told.push(`${device} was told ${body || id} at ${first} and at ${place}`)
      else if (byThis.has(key) && !pulled.has(event.conversation)) {
        told.push(`${device} was told ${body || id} at ${place} twice`)
      }
      byThis.add(key)
    })
  }
  return told
}
