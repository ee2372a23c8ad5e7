import { S3Client } from '@aws-sdk/client-s3'
import type { S3Location } from './s3-url.ts'

const connectLimitMs = 3_000
/** A connection on which nothing has moved for so long is given up. */
const socketIdleMs = 30_000
/** Each download of a client holds one for as long as it lasts. */
const maxSockets = 1_200
const maxAttempts = 3

/** The SDK's client of a bucket, set so that servers other than AWS understand it. */
export function s3Client({ endpoint, region, credentials }: S3Location): S3Client {
  const agent = { keepAlive: true, maxSockets }
  return new S3Client({
    region,
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    ...(credentials && { credentials }),
    maxAttempts,
    // Every body is covered by its signature; the newer checksums are not known everywhere.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: connectLimitMs,
      socketTimeout: socketIdleMs,
      httpAgent: agent,
      httpsAgent: agent,
    },
  })
}
