import { AppError, isAppError } from '@parley/errors'

/** What helps against each limit; the server's own words say which it is, and how much is allowed. */
const advice: Readonly<Record<string, string>> = {
  UPLOAD_TOO_LARGE: 'send it in smaller pieces',
  QUOTA_EXCEEDED:
    'files of messages that you recall within a day of sending, or whose group is dissolved, ' +
    'make room later (after a week, unless the operator set another time); ' +
    'else ask the operator for more',
  TOO_MANY_UPLOADS:
    'finish what was interrupted by sending it again, or wait: a day later it is forgotten',
  TOO_MANY_AT_ONCE: 'wait until one of them is done',
  DISK_FULL: 'what was sent is kept, and sent again it goes on once the operator has made room',
  BUCKET_FULL: 'what was sent is kept, and sent again it goes on once the operator has made room',
  BUSY: 'try again in a minute',
  TOO_SLOW: 'try again over a better connection',
}

/** The refusal of an upload with what helps against it; whatever else was thrown as it is. */
export function withAdvice(error: unknown): unknown {
  if (!isAppError(error)) return error
  const { kind, reason, message, retryAfterMs } = error
  const help = Object.hasOwn(advice, reason) ? advice[reason] : undefined
  if (help === undefined) return error
  const delay = retryAfterMs === undefined ? {} : { retryAfterMs }
  return new AppError(kind, reason, `${message}; ${help}`, { cause: error, ...delay })
}
