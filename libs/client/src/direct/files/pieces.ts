import { AppError, isAppError } from '@parley/errors'
import { within } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { maxAsks } from './file-answers.ts'
import type { FileAsks, PieceComing } from './file-asks.ts'
import { maxPieceBytes } from './shared-files.ts'

/** For so long the next piece may take; a path that is silent ends earlier. */
const patienceMs = 5_000
/** A device that comes again and again without a byte must not keep a download from the server. */
const maxWays = 8

/** A stored file that other devices may have, too. */
export interface FileElsewhere {
  readonly fileId: string
  readonly sizeBytes: number
}

/** How the bytes of a file are fetched from other devices. */
export interface FetchDirectly {
  /** The ways to devices that may have it, at this moment. */
  readonly ways: () => readonly FileAsks[]
  readonly scheduler: Scheduler
  readonly signal: AbortSignal | undefined
}

/**
 * The bytes of a file from `offset` on, along at most 8 ways one after another, each asked once; throws
 * `AppError` (unavailable, NOT_DIRECT) when none gives what is left.
 */
export async function* piecesFromAny(
  how: FetchDirectly,
  file: FileElsewhere,
  offset: number,
): AsyncGenerator<Buffer> {
  const asked = new Set<FileAsks>()
  for (let got = offset; got < file.sizeBytes;) {
    const asks = how.ways().find((each) => !asked.has(each))
    if (!asks || asked.size >= maxWays || how.signal?.aborted) throw notDirect()
    asked.add(asks)
    try {
      for await (const piece of piecesFrom(asks, file, got, how)) {
        got += piece.length
        yield piece
      }
    } catch (error) {
      if (!isAppError(error)) throw error
    }
  }
}

/** A piece on its way, and how long it must be. */
interface Asked extends PieceComing {
  readonly size: number
}

// So many are asked for ahead that the way is full, and no fuller: texts go along it, too.
async function* piecesFrom(
  asks: FileAsks,
  { fileId, sizeBytes }: FileElsewhere,
  from: number,
  { scheduler, signal }: FetchDirectly,
): AsyncGenerator<Buffer> {
  const coming: Asked[] = []
  let next = from
  const askAhead = () => {
    while (coming.length < maxAsks && next < sizeBytes) {
      const size = Math.min(maxPieceBytes, sizeBytes - next)
      coming.push({ size, ...asks.ask({ fileId, offset: next, size }) })
      next += size
    }
    return coming[0]
  }
  const dropAll = () => coming.forEach(({ drop }) => drop())
  signal?.addEventListener('abort', dropAll, { once: true })
  try {
    for (let first = askAhead(); first !== undefined; first = askAhead()) {
      const piece = await within(scheduler, patienceMs, 'a piece of the file', first.piece)
      if (piece.length !== first.size) throw notDirect()
      yield piece
      coming.shift()
    }
  } finally {
    signal?.removeEventListener('abort', dropAll)
    dropAll()
  }
}

function notDirect(): AppError {
  return new AppError('unavailable', 'NOT_DIRECT', 'no other device gives this file')
}
