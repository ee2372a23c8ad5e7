import type { EventOf } from '../events.ts'
import type { Invariant } from '../facts.ts'

/** I15: what was answered as complete is read back in the end, byte for byte. */
export const uploadsAreKept: Invariant = ({ events }) => {
  const begun = new Map<string, Extract<EventOf<'upload'>, { op: 'invoke' }>>()
  const digests = new Map<string, string>()
  for (const event of events) {
    if (event.f === 'upload' && event.op === 'invoke') begun.set(event.upload, event)
    if (event.f === 'upload' && event.op === 'ok') {
      digests.set(event.file, begun.get(event.upload)?.digest ?? '')
    }
  }
  const read = new Map<string, EventOf<'download'>>()
  for (const event of events) if (event.f === 'download') read.set(event.file, event)
  return [...digests].flatMap(([file, digest]) => {
    const found = read.get(file)
    if (found === undefined) return [`${file} was complete and was not read back`]
    if (found.op === 'fail') return [`${file} was complete and reads as ${found.reason}`]
    return found.digest === digest ? [] : [`${file} was ${digest} and reads as ${found.digest}`]
  })
}

/** I16: the offset that the server tells is never less than it told, nor more than was sent. */
export const offsetIsTruth: Invariant = ({ events }) => {
  const sent = new Map<string, number>()
  const told = new Map<string, number>()
  const found: string[] = []
  for (const event of events) {
    if (event.f !== 'bytes') continue
    const { upload, upTo } = event
    if (event.op === 'invoke') {
      sent.set(upload, Math.max(upTo, sent.get(upload) ?? 0))
      continue
    }
    const [most, least] = [sent.get(upload) ?? 0, told.get(upload) ?? 0]
    if (upTo > most) found.push(`${upload} is at ${upTo}, only ${most} bytes were sent`)
    if (upTo < least) found.push(`${upload} is at ${upTo}, it was at ${least} before`)
    told.set(upload, Math.max(least, upTo))
  }
  return found
}

/** I17: every file that the log names can be read in the end. */
export const noneDangling: Invariant = ({ events, truth }) => {
  const read = new Map<string, EventOf<'download'>>()
  for (const event of events) if (event.f === 'download') read.set(event.file, event)
  return [...truth.values()].flatMap(({ conversation, entries }) =>
    [...entries].flatMap(([seq, { kind, body }]) => {
      if (kind !== 'file' && kind !== 'image') return []
      if (read.get(body)?.op === 'ok') return []
      return [`${body} at ${conversation} ${seq} cannot be read`]
    }),
  )
}
