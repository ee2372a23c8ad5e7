import { parseS3Url } from '@parley/blob-store'
import type { S3Location } from '@parley/blob-store'
import { env, loadEnv, peerEnv, serviceConfig, serviceEnv } from '@parley/service-kit'
import type { Env, ServiceConfig } from '@parley/service-kit'
import { defaultUploadLimits } from '@parley/uploads'
import { z } from 'zod'

/** What the image server is told by its environment. */
export interface ImgServerConfig extends ServiceConfig {
  /** `host:port` of the relay's internal door, which has its keys. */
  readonly relayInternal: string
  /** The bucket of the blobs; undefined for the disk. */
  readonly s3: S3Location | undefined
  /** Images processed at once. */
  readonly workers: number
  /** Sum of one user's stored images and announced uploads. */
  readonly maxUserBytes: number
  /** Free space that must remain on the disk. */
  readonly minFreeBytes: number
}

const schema = z.object({
  ...serviceEnv({ service: 'img-server', port: 20_002, internalPort: 20_012 }),
  RELAY_INTERNAL: peerEnv.RELAY_INTERNAL,
  S3_URL: env.parsed(parseS3Url),
  IMAGE_WORKERS: env.int(2, 1, 64),
  MAX_USER_BYTES: env.int(defaultUploadLimits.maxUserBytes, 0, Number.MAX_SAFE_INTEGER),
  MIN_FREE_BYTES: env.int(defaultUploadLimits.minFreeBytes, 0, Number.MAX_SAFE_INTEGER),
})

/** The configuration of this process; throws one `AppError` that names every bad variable. */
export function loadConfig(variables: Env): ImgServerConfig {
  const read = loadEnv(schema, variables)
  return {
    ...serviceConfig(read),
    relayInternal: read.RELAY_INTERNAL,
    s3: read.S3_URL,
    workers: read.IMAGE_WORKERS,
    maxUserBytes: read.MAX_USER_BYTES,
    minFreeBytes: read.MIN_FREE_BYTES,
  }
}
