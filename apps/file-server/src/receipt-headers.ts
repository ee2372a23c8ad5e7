import { issueReceipt } from '@parley/auth'
import type { StoredFile } from '@parley/uploads'
import type { FileServerContext } from './context.ts'

/**
 * What tells an uploader of a finished file: its id, and a receipt. A fresh one at each telling,
 * since the uploader may ask again after the first has expired; by then every server can serve it.
 */
export async function receiptHeaders(
  ctx: Pick<FileServerContext, 'signer' | 'store'>,
  file: StoredFile,
): Promise<Record<'Parley-File-Id' | 'Parley-Receipt', string>> {
  const [variant] = file.variants
  if (!variant) throw new Error(`file ${file.id} has no blob`)
  await ctx.store.shelf.settle(file.id)
  const receipt = await issueReceipt(ctx.signer, {
    ownerId: file.owner,
    blobId: file.id,
    sizeBytes: variant.sizeBytes,
    digest: variant.digest,
    mediaType: variant.type,
  })
  return { 'Parley-File-Id': file.id, 'Parley-Receipt': receipt.token }
}
