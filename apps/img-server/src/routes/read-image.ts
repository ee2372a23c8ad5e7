import { verifyTicket } from '@parley/auth'
import type { BlobStore, OpenBlob } from '@parley/blob-store'
import { AppError } from '@parley/errors'
import { bearerOf, notFound, sendBlob } from '@parley/uploads'
import type { Exchange, StoredFile, StoredVariant } from '@parley/uploads'
import type { ImgServerContext } from '../context.ts'
import { acceptable } from '../domain/negotiate.ts'
import { servedName } from '../domain/served-name.ts'
import { madeFrom, madeTypeOf, madeTypes, servedTypes, variantNamed } from '../domain/variant.ts'
import type { ServedType, VariantName } from '../domain/variant.ts'
import { isOfImage } from '../representations/failures.ts'

// An image never changes. Who reads it may: so shared caches keep nothing, and a private one asks
// again for another ticket.
const cacheControl = 'private, max-age=31536000, immutable'
const vary = 'Accept, Authorization'

/** GET and HEAD /images/:id/:variant: the bytes, for who holds a ticket for this very image. */
export async function readImage(ctx: ImgServerContext, exchange: Exchange): Promise<void> {
  const id = exchange.params['id'] ?? ''
  const token = bearerOf(exchange.request)
  const recheck = async () => void (await mayRead(ctx, token, id))
  const reader = await mayRead(ctx, token, id)
  const { file: image, blobs } = (await ctx.store.shelf.find(id)) ?? {}
  const name = variantNamed(exchange.params['variant'] ?? '')
  const stored = image?.variants.find((one) => one.variant === name)
  if (!image || !blobs || !name || !stored) throw notFound()
  const accept = exchange.request.headers.accept
  const wanted = { image, blobs, name, stored, accept, reader }
  const { blob, digest, type } = await open(ctx, wanted)
  const described = { type, name: servedName(image.name, type), cacheControl, vary }
  await sendBlob(exchange, { blob, digest, ...described, recheck })
}

// A good ticket for another image is answered as a missing image is.
async function mayRead(ctx: ImgServerContext, token: string, id: string): Promise<string> {
  const ticket = await verifyTicket(ctx.verifier, token, 'images')
  if (ticket.blobId !== id) throw notFound()
  return ticket.userId
}

interface Wanted {
  readonly image: StoredFile
  /** Where the blobs of this image are. */
  readonly blobs: Pick<BlobStore, 'open'>
  readonly name: VariantName
  readonly stored: StoredVariant
  readonly accept: string | undefined
  readonly reader: string
}

interface Opened {
  readonly blob: OpenBlob
  readonly digest: string
  readonly type: ServedType
}

// The stored type unless the reader likes another better. Who takes none of all, or none that can be
// made, gets the stored one: RFC 9110, 12.5.1 leaves that to us, and bytes help more than 406.
async function open(ctx: ImgServerContext, wanted: Wanted): Promise<Opened> {
  const { image, blobs, stored, accept } = wanted
  const type = servedType(stored)
  const types = acceptable(accept, [type, ...madeTypes.filter((one) => one !== type)])
  const [best = type] = types
  if (best === type) return { ...(await openStored(blobs, image.id, stored)), type }
  try {
    return await openMade(ctx, wanted, best)
  } catch (error) {
    if (!types.includes(type) && !isOfImage(error)) throw error
    ctx.events.representationAway(image.id, error)
    return { ...(await openStored(blobs, image.id, stored)), type }
  }
}

async function openStored(blobs: Wanted['blobs'], imageId: string, stored: StoredVariant) {
  const { digest, variant } = stored
  const blob = await blobs.open(digest)
  if (blob) return { blob, digest }
  throw new AppError('corrupt', 'BLOB_MISSING', `image ${imageId} lost its ${variant}`)
}

async function openMade(ctx: ImgServerContext, wanted: Wanted, best: ServedType): Promise<Opened> {
  const { image, blobs, name, reader } = wanted
  const type = madeTypeOf(best)
  const from = image.variants.find(({ variant }) => variant === madeFrom[name])
  if (!type || !from) {
    throw new AppError('corrupt', 'IMAGE_INCOMPLETE', `image ${image.id} lacks a ${madeFrom[name]}`)
  }
  const source = { digest: from.digest, type: servedType(from) }
  const representation = { imageId: image.id, source, variant: name, type }
  const made = await ctx.representations.open(representation, blobs, reader)
  return { ...made, type }
}

function servedType({ type, digest }: StoredVariant): ServedType {
  const served = servedTypes.find((one) => one === type)
  if (served) return served
  throw new AppError('corrupt', 'IMAGE_INCOMPLETE', `blob ${digest} is said to be ${type}`)
}
