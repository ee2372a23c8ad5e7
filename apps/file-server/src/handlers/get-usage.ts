import { files } from '@parley/proto'
import { grpcService, unary } from '@parley/grpc-kit'
import type { GrpcService } from '@parley/grpc-kit'
import type { FileServerContext } from '../context.ts'

/** The service that says how much is stored. */
export function filesService(ctx: FileServerContext): GrpcService {
  const getUsage = unary<files.GetUsageRequest, files.GetUsageResponse>(ctx, () => {
    const usage = ctx.store.uploads.usage()
    const { files: blobs, bytes, unfinishedUploads } = usage
    return { blobs, bytes, unfinishedUploads }
  })
  return grpcService(files.FilesService, { getUsage })
}
