import { verifyTicket } from '@parley/auth'
import { AppError } from '@parley/errors'
import { bearerOf, notFound, sendBlob } from '@parley/uploads'
import type { Exchange } from '@parley/uploads'
import type { FileServerContext } from '../context.ts'

/** GET and HEAD /files/:id: the bytes, for whoever has a ticket for exactly this file. */
export async function downloadFile(ctx: FileServerContext, exchange: Exchange): Promise<void> {
  const token = bearerOf(exchange.request)
  const id = exchange.params['id'] ?? ''
  const assertAllowed = async () => {
    const ticket = await verifyTicket(ctx.verifier, token, 'files')
    if (ticket.blobId !== id) throw notFound()
  }
  await assertAllowed()
  const { file, variant, blob } = await open(ctx, id)
  const { digest, type } = variant
  await sendBlob(exchange, { blob, digest, type, name: file.name, recheck: assertAllowed })
}

async function open(ctx: FileServerContext, id: string) {
  const found = await ctx.store.shelf.find(id)
  const variant = found?.file.variants[0]
  if (!found || !variant) throw notFound()
  const { file, blobs } = found
  const blob = await blobs.open(variant.digest)
  if (blob?.sizeBytes === variant.sizeBytes) return { file, variant, blob }
  await blob?.close()
  const message = `the blob of file ${id} is missing or damaged`
  throw new AppError('corrupt', 'BLOB_DAMAGED', message)
}
