import { verifyTicket } from '@parley/auth'
import { AppError } from '@parley/errors'
import { bearerOf, notFound, sendBlob } from '@parley/uploads'
import type { Exchange } from '@parley/uploads'
import type { ImgServerContext } from '../context.ts'
import { servedName } from '../domain/served-name.ts'
import { variantNamed } from '../domain/variant.ts'

/** GET and HEAD /images/:id/:variant: the bytes, for who holds a ticket for this very image. */
export async function readImage(ctx: ImgServerContext, exchange: Exchange): Promise<void> {
  const id = exchange.params['id'] ?? ''
  const token = bearerOf(exchange.request)
  const recheck = () => mayRead(ctx, token, id)
  await recheck()
  const image = ctx.store.files.find(id)
  const wanted = variantNamed(exchange.params['variant'] ?? '')
  const variant = image?.variants.find((one) => one.variant === wanted)
  if (!image || !variant) throw notFound()
  const { digest, type } = variant
  const blob = await ctx.blobs.open(digest)
  if (!blob) throw new AppError('corrupt', 'BLOB_MISSING', `image ${id} lost its ${wanted}`)
  await sendBlob(exchange, { blob, digest, type, name: servedName(image.name, type), recheck })
}

// A good ticket for another image is answered as a missing image is.
async function mayRead(ctx: ImgServerContext, token: string, id: string): Promise<void> {
  const ticket = await verifyTicket(ctx.verifier, token, 'images')
  if (ticket.blobId !== id) throw notFound()
}
