import type { Scheduler } from '@parley/service-kit'
import type { Bucket } from './bucket.ts'
import type { S3Location } from './s3-url.ts'

/** S3 takes parts of 5 MiB and more. */
const defaultPartBytes = 16 << 20

/**
 * Opens a bucket; nothing is asked of it yet. Files larger than `partBytes` go up in parts of as much.
 */
export async function openBucket(
  location: S3Location,
  scheduler: Scheduler,
  partBytes: number = defaultPartBytes,
): Promise<Bucket> {
  // Only now: a service that keeps its blobs on disk does not pay for the SDK.
  const { S3Bucket } = await import('./s3-bucket.ts')
  return new S3Bucket(location, scheduler, partBytes)
}
