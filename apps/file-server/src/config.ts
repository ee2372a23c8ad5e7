import { parseS3Url } from '@parley/blob-store'
import type { S3Location } from '@parley/blob-store'
import { env, loadEnv, peerEnv, serviceConfig, serviceEnv } from '@parley/service-kit'
import type { Env, ServiceConfig } from '@parley/service-kit'
import { defaultUploadLimits } from '@parley/uploads'
import type { UploadLimits } from '@parley/uploads'
import { z } from 'zod'

/** All that a file server is told from outside. */
export interface FileServerConfig extends ServiceConfig {
  /** `host:port` of the relay's internal server. */
  readonly relayInternal: string
  /** The bucket of the blobs; undefined for the disk. */
  readonly s3: S3Location | undefined
  readonly limits: UploadLimits
  /** Open connections of the public port, in all and of one address. */
  readonly maxConnections: number
  readonly maxConnectionsPerAddress: number
  readonly collectEveryMs: number
  /** How long after it came a refused proof of possession is answered. */
  readonly possessionAnswerMs: number
}

const dayMs = 24 * 3_600_000
const d = defaultUploadLimits

// Messages are taken with a receipt of 24 hours, and a new one is told as long as the upload is known.
const receiptLifeMs = dayMs
const slackMs = 3_600_000

const variables = z.object({
  ...serviceEnv({ service: 'file-server', port: 20_001, internalPort: 20_011 }),
  RELAY_INTERNAL: peerEnv.RELAY_INTERNAL,
  S3_URL: env.parsed(parseS3Url),
  MAX_UPLOAD_BYTES: env.int(d.maxUploadBytes, 1, Number.MAX_SAFE_INTEGER),
  MAX_USER_BYTES: env.int(d.maxUserBytes, 1, Number.MAX_SAFE_INTEGER),
  MAX_USER_FILES: env.int(d.maxUserFiles, 1, 10_000_000),
  MAX_USER_ACTIVE: env.int(d.maxUserActive, 1, 10_000),
  MAX_USER_UPLOADS: env.int(d.maxUserUploads, 1, 10_000),
  MAX_ACTIVE_APPENDS: env.int(d.maxActiveAppends, 1, 10_000),
  MIN_FREE_BYTES: env.int(d.minFreeBytes, 0, Number.MAX_SAFE_INTEGER),
  UPLOAD_LIFE_MS: env.int(d.uploadLifeMs, 60_000, 30 * dayMs),
  UNHELD_LIFE_MS: env.int(d.unheldLifeMs, 60_000, 365 * dayMs),
  MAX_CONNECTIONS: env.int(1_024, 1, 65_535),
  MAX_CONNECTIONS_PER_ADDRESS: env.int(256, 1, 65_535),
  COLLECT_EVERY_MS: env.int(60_000, 1_000, dayMs),
  POSSESSION_ANSWER_MS: env.int(250, 60, 60_000),
})

const schema = variables.refine(
  ({ UNHELD_LIFE_MS, UPLOAD_LIFE_MS }) =>
    UNHELD_LIFE_MS >= UPLOAD_LIFE_MS + receiptLifeMs + slackMs,
  {
    path: ['UNHELD_LIFE_MS'],
    message: 'must be UPLOAD_LIFE_MS and 25 hours at least, or receipts outlive their files',
  },
)

/** Reads the environment; throws one `AppError` (invalid, CONFIG_INVALID) naming every problem. */
export function loadConfig(environment: Env): FileServerConfig {
  const read = loadEnv(schema, environment)
  return {
    ...serviceConfig(read),
    relayInternal: read.RELAY_INTERNAL,
    s3: read.S3_URL,
    maxConnections: read.MAX_CONNECTIONS,
    maxConnectionsPerAddress: read.MAX_CONNECTIONS_PER_ADDRESS,
    collectEveryMs: read.COLLECT_EVERY_MS,
    possessionAnswerMs: read.POSSESSION_ANSWER_MS,
    limits: {
      maxUploadBytes: read.MAX_UPLOAD_BYTES,
      maxUserBytes: read.MAX_USER_BYTES,
      maxUserFiles: read.MAX_USER_FILES,
      maxUserActive: read.MAX_USER_ACTIVE,
      maxUserUploads: read.MAX_USER_UPLOADS,
      maxActiveAppends: read.MAX_ACTIVE_APPENDS,
      minFreeBytes: read.MIN_FREE_BYTES,
      uploadLifeMs: read.UPLOAD_LIFE_MS,
      unheldLifeMs: read.UNHELD_LIFE_MS,
    },
  }
}
