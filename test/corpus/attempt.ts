import { sniffFormat } from '../../apps/img-server/src/domain/image-format.ts'
import { tryImage } from '../../apps/img-server/src/testing/try-image.ts'
import type { Tried } from '../../apps/img-server/src/testing/try-image.ts'
import { systemScheduler, within } from '@parley/service-kit'
import type { Candidate } from './candidates.ts'

/** The server as one user sees it. */
export type Door = Parameters<typeof tryImage>[0]

/** A picture that the server has served. */
export interface Served {
  readonly variant: string
  readonly type: string
  readonly bytes: Buffer
}

/** What became of a candidate. */
export interface Attempt {
  /** `made`, the status and reason of a refusal, or `failed`. */
  readonly outcome: string
  readonly tookMs: number
  readonly served: readonly Served[]
  /** What must not be. */
  readonly wrong: readonly string[]
}

// A worker may have an image for a minute, and another waits before it.
const answerLimitMs = 180_000

/** What a refusal may be: anything else is the server's own failure. */
const refusals: ReadonlySet<string> = new Set([
  '415 IMAGE_FORMAT_UNSUPPORTED',
  '422 IMAGE_BROKEN',
  '422 IMAGE_TOO_COSTLY',
  '422 IMAGE_TOO_MANY_FRAMES',
  '422 IMAGE_TOO_MANY_PIXELS',
])

/** Uploads one candidate and reads back what was made of it, in the stored types or as JPEG. */
export async function attempt(door: Door, candidate: Candidate, accept: string): Promise<Attempt> {
  const startMs = performance.now()
  const tookMs = () => Math.round(performance.now() - startMs)
  try {
    const trying = tryImage(door, candidate.bytes, accept)
    const tried = await within(systemScheduler, answerLimitMs, 'an upload', trying)
    return { ...judged(tried), tookMs: tookMs() }
  } catch (error) {
    const why = error instanceof Error ? `${error.message} ${causeOf(error)}`.trim() : String(error)
    return { outcome: 'failed', tookMs: tookMs(), served: [], wrong: [why] }
  }
}

function judged(tried: Tried): Omit<Attempt, 'tookMs'> {
  if (!tried.made) {
    const outcome = `${tried.status} ${tried.reason}`
    return { outcome, served: [], wrong: refusals.has(outcome) ? [] : [`answered ${outcome}`] }
  }
  return { outcome: 'made', served: tried.pictures, wrong: tried.pictures.flatMap(mistyped) }
}

function mistyped({ variant, type, bytes }: Served): string[] {
  const sniffed = sniffFormat(bytes)
  const is = sniffed.accepted ? `image/${sniffed.format}` : sniffed.name
  return is === type ? [] : [`${variant} is said to be ${type} and is ${is}`]
}

function causeOf({ cause }: Error): string {
  return cause instanceof Error ? `(${cause.message})` : ''
}
