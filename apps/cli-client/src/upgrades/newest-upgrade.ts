import type { Calls, ClientBuild } from '@parley/client'
import { isAppError } from '@parley/errors'
import { judgeOffer, verifyOffer } from '@parley/upgrades'
import type { Manifest, OfferState } from '@parley/upgrades'
import type { CliConfig } from '../config.ts'
import { pinnedKeys } from './pinned-keys.ts'
import { noteSeen, seenAtMs } from './seen-upgrades.ts'

/** The newest package, known to be genuine, and what it means for this program. */
export interface NewestUpgrade {
  readonly manifest: Manifest
  readonly state: OfferState
}

/**
 * Asks for the newest package of this program and believes the operator's signature only; undefined when
 * nothing is published. Throws `AppError` as `pinnedKeys`, `verifyOffer` and `judgeOffer`.
 */
export async function newestUpgrade(
  calls: Calls,
  config: CliConfig,
  build: ClientBuild,
): Promise<NewestUpgrade | undefined> {
  const keys = await pinnedKeys(config)
  const offer = await offered(calls, build)
  if (offer === undefined) return undefined
  const manifest = verifyOffer(offer, keys)
  const state = judgeOffer(manifest, build, await seenAtMs(config.home, build))
  await noteSeen(config.home, build, manifest.publishedAtMs)
  return { manifest, state }
}

async function offered(calls: Calls, { channel, platform }: ClientBuild) {
  try {
    return await calls.upgrades.latest({ channel, platform })
  } catch (error) {
    if (isAppError(error) && error.reason === 'UPGRADE_UNKNOWN') return undefined
    throw error
  }
}
