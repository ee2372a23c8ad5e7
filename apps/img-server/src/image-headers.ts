import { issueReceipt } from '@parley/auth'
import { AppError } from '@parley/errors'
import type { StoredFile } from '@parley/uploads'
import { z } from 'zod'
import type { ImgServerContext } from './context.ts'

const facts = z.object({
  widthPx: z.number().int(),
  heightPx: z.number().int(),
  thumbhash: z.string(),
})

/** The headers that tell an uploader of the image: its id, and a receipt of its `full` variant. */
export async function imageHeaders(
  ctx: Pick<ImgServerContext, 'signer'>,
  file: StoredFile,
): Promise<Record<string, string>> {
  const full = file.variants.find(({ variant }) => variant === 'full')
  if (!full)
    throw new AppError('corrupt', 'IMAGE_INCOMPLETE', `image ${file.id} has no full variant`)
  const { token } = await issueReceipt(ctx.signer, {
    ownerId: file.owner,
    blobId: file.id,
    sizeBytes: full.sizeBytes,
    digest: full.digest,
    mediaType: full.type,
    image: facts.parse(file.facts),
  })
  return { 'Parley-Image-Id': file.id, 'Parley-Receipt': token }
}
