import { resolve } from 'node:path'
import { AppError } from '@parley/errors'
import type { DownloadOptions, Downloaded } from '../api.ts'
import { MemoryState } from '../state/memory-state.ts'
import { fileDigest } from './file-digest.ts'
import { PartFile } from './part-file.ts'
import { RangeDownload } from './range-download.ts'
import type { FetchContext, Source } from './source.ts'
import { persist } from './transfer-context.ts'
import { TransferWatch } from './transfer-watch.ts'

/** Downloads what a source gives, as `download` does. */
export async function fetchSource(
  given: FetchContext,
  source: Source,
  path: string,
  options: DownloadOptions,
): Promise<Downloaded> {
  const context = options.once ? { ...given, state: new MemoryState() } : given
  const part = new PartFile(resolve(path))
  const { state } = context
  await part.assertFree(state.transfer(part.partPath) !== undefined)
  const transfer = new RangeDownload(context, source, options, part)
  const digest = await run(context, transfer, options)
  const isSame = await isVerified(part, [source.digest ?? digest, digest])
  await (isSame ? part.finish() : part.discard())
  state.dropTransfer(part.partPath)
  const { doneBytes, resumedFrom, directBytes } = transfer
  if (isSame) return { path: part.path, bytes: doneBytes, digest, resumedFrom, directBytes }
  // A device may give what it likes, and an earlier download leave it: then all is the server's turn.
  if (directBytes === 0 && resumedFrom === 0) throw mismatch()
  return fetchSource(given, { ...source, elsewhere: undefined }, path, options)
}

async function run(
  { scheduler }: FetchContext,
  transfer: RangeDownload,
  { signal, progress, once = false }: DownloadOptions,
): Promise<string> {
  const watch = new TransferWatch(scheduler, progress)
  try {
    const doneBytes = () => transfer.doneBytes
    const limit = once ? { maxFailures: 1 } : {}
    return await persist(scheduler, {
      run: () => transfer.run(watch),
      doneBytes,
      signal,
      ...limit,
    })
  } finally {
    watch.close()
  }
}

async function isVerified(part: PartFile, expected: readonly string[]): Promise<boolean> {
  const digest = await fileDigest(part.partPath)
  return expected.every((one) => one === digest)
}

function mismatch(): AppError {
  const message = 'the bytes that came are not those that were sent; nothing was kept'
  return new AppError('corrupt', 'DIGEST_MISMATCH', message)
}
