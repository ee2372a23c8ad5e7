import { lstat, open } from 'node:fs/promises'
import { digestFile } from '@parley/blob-store'
import { AppError } from '@parley/errors'
import type { BlobIntake, StoredVariant } from '@parley/uploads'
import { sniffFormat } from './domain/image-format.ts'
import type { ServedType, VariantName } from './domain/variant.ts'

const headBytes = 32
const maxVariantBytes = 256 * 1024 * 1024

/**
 * Puts what a worker has written under its digest. A worker that an image has taken over could
 * leave anything there: only a plain file that starts as what it is said to be is taken.
 */
export async function storeVariant(
  blobs: BlobIntake,
  path: string,
  variant: VariantName,
  type: ServedType,
): Promise<StoredVariant> {
  const { size: sizeBytes } = await assertWritten(path, type)
  const digest = (await digestFile(path, sizeBytes)).hex()
  await blobs.put(path, digest)
  return { variant, digest, sizeBytes, type }
}

async function assertWritten(path: string, type: ServedType) {
  const stat = await lstat(path)
  const isPlain = stat.isFile() && stat.nlink === 1
  if (isPlain && stat.size <= maxVariantBytes && (await startsAs(path, type))) return stat
  throw new AppError('unprocessable', 'IMAGE_BROKEN', 'it was not re-encoded as expected')
}

async function startsAs(path: string, type: ServedType): Promise<boolean> {
  const file = await open(path)
  try {
    const head = Buffer.alloc(headBytes)
    await file.read(head, 0, headBytes, 0)
    const sniffed = sniffFormat(head)
    return sniffed.accepted && `image/${sniffed.format}` === type
  } finally {
    await file.close()
  }
}
