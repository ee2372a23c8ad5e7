import type { images } from '@parley/proto'
import type { ImgServerContext } from '../context.ts'

/** Images/GetUsage: how much is stored and under way. */
export function getUsage(ctx: Pick<ImgServerContext, 'store'>): images.GetUsageResponse {
  const { files, bytes, unfinishedUploads } = ctx.store.uploads.usage()
  return { images: files, bytes, unfinishedUploads }
}
