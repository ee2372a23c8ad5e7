import { AppError } from '@parley/errors'
import { UsageError } from './exit-code.ts'
import { webmDurationMs } from './webm-duration.ts'

/** How long a file plays, in milliseconds, as it says itself; undefined when it does not. */
export async function mediaDurationMs(path: string): Promise<number | undefined> {
  // Loaded only now: most commands never need it.
  const { parseFile } = await import('music-metadata')
  // What cannot be read plays for no known time: whether it is audio at all, its server decides.
  const read = await parseFile(path, { duration: true, skipCovers: true }).catch(() => undefined)
  const tracks = read?.format.trackInfo ?? []
  // Of a film without sound only its tracks say it.
  const all = [read?.format.duration ?? 0, ...tracks.map((track) => track.duration ?? 0)]
  const seconds = Math.max(...all)
  const durationMs =
    seconds > 0 ? seconds * 1000 : await webmDurationMs(path).catch(() => undefined)
  if (durationMs === undefined || !Number.isFinite(durationMs)) return undefined
  return durationMs > 0 ? Math.ceil(durationMs) : undefined
}

/** As `mediaDurationMs`; throws `AppError` (invalid, DURATION_UNKNOWN) when the file does not say. */
export async function knownDurationMs(path: string): Promise<number> {
  const durationMs = await mediaDurationMs(path)
  if (durationMs !== undefined) return durationMs
  const message = `${path} does not say how long it plays; give --duration`
  throw new AppError('invalid', 'DURATION_UNKNOWN', message)
}

/** A duration as it is typed, `7`, `7.5` or `1:02`, in milliseconds; throws `UsageError`. */
export function typedDurationMs(text: string): number {
  const match = /^(?:(\d{1,4}):(?=\d\d))?(\d{1,5}(?:\.\d{1,3})?)$/.exec(text)
  const ms = match ? Math.round((Number(match[1] ?? 0) * 60 + Number(match[2])) * 1000) : 0
  if (ms > 0) return ms
  throw new UsageError(`"${text}" is no duration: seconds, or minutes:seconds`)
}
