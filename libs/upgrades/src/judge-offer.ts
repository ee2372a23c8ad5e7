import { AppError } from '@parley/errors'
import type { Manifest } from './manifest.ts'
import { isNewer } from './versions.ts'

/** Which program this is. */
export interface ClientBuild {
  readonly version: string
  readonly platform: string
  readonly channel: string
}

/**
 * `current`: the same version. `available`: a later one. `required`: a later one, and this one is too old.
 * `older`: an earlier one, which is never put in the place of this.
 */
export type OfferState = 'current' | 'available' | 'required' | 'older'

/**
 * What a genuine manifest means for this client; throws `AppError` (corrupt, UPGRADE_MISPLACED) when it is for
 * another channel or platform, and (corrupt, UPGRADE_REPLAYED) when this client has seen a later one:
 * `seenAtMs` is the latest publication it has seen, 0 for none.
 */
export function judgeOffer(manifest: Manifest, own: ClientBuild, seenAtMs: number): OfferState {
  const { channel, platform } = manifest
  if (channel !== own.channel || platform !== own.platform) {
    const message = `the server offers a package of ${channel} for ${platform} instead of ${own.channel} for ${own.platform}`
    throw new AppError('corrupt', 'UPGRADE_MISPLACED', message)
  }
  if (manifest.publishedAtMs < seenAtMs) {
    const message = 'the server offers a package that was published before one that was seen here'
    throw new AppError('corrupt', 'UPGRADE_REPLAYED', message)
  }
  if (isNewer(manifest.minVersion, own.version)) return 'required'
  if (isNewer(manifest.version, own.version)) return 'available'
  return isNewer(own.version, manifest.version) ? 'older' : 'current'
}
