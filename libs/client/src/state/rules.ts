import { AppError } from '@parley/errors'
import { chat } from '@parley/proto'

const pruneStep = 256

/** What both adapters throw when an append does not follow the last stored entry. */
export function logMoved(): AppError {
  const message = 'the stored log is not where this session left it; is another one running?'
  return new AppError('conflict', 'LOG_MOVED', message)
}

/** What both adapters throw at `maxOutboxMessages`. */
export function outboxFull(): AppError {
  return new AppError('exhausted', 'OUTBOX_FULL', 'too many messages wait in the outbox')
}

/** Refuses a run that is no run. */
export function assertFollows(firstSeq: number, count: number): void {
  if (firstSeq < 1 || count < 1) throw logMoved()
}

/** Whether a run of appended numbers reaches a point where old entries are dropped. */
export function pruneEvery(firstSeq: number, lastSeq: number): boolean {
  return Math.floor((firstSeq - 1) / pruneStep) !== Math.floor(lastSeq / pruneStep)
}

/** An encoded entry without its words: who and when stay. */
export function erasedBody(body: Uint8Array): Uint8Array {
  const entry = chat.Entry.decode(body)
  const why = chat.Erased_Why.RECALLED
  const content: chat.Content = { content: { $case: 'erased', value: { why } } }
  return chat.Entry.encode({ ...entry, content }).finish()
}
