import type { chat } from '@parley/proto'
import type { Logger, Scheduler } from '@parley/service-kit'
import { isNewer, isVersion } from '@parley/upgrades'
import type { Journal } from '../store/journal.ts'
import type { CurrentUpgrade } from '../store/queries/upgrades.ts'

/** For so long what is published is not asked for again. */
export const boardMs = 5_000

/** Tells clients whether there is a later version of them. */
export interface UpgradeBoard {
  /** Clients that are too old are refused. */
  readonly refusesOld: boolean
  /** The later version of a client, if there is one. Never fails: nobody is kept out by the store being away. */
  upgradeFor(build: chat.ClientBuild): Promise<chat.Upgrade | undefined>
}

/** What a board needs. */
export interface UpgradeBoardParts {
  readonly scheduler: Scheduler
  readonly journal: Pick<Journal, 'ask'>
  readonly log: Pick<Logger, 'warn'>
  readonly refusesOld: boolean
}

/** Opens the board: what it says is as old as `boardMs` at most while the store answers. */
export function openUpgradeBoard(parts: UpgradeBoardParts): UpgradeBoard {
  const { scheduler, journal, log, refusesOld } = parts
  let known: readonly CurrentUpgrade[] = []
  let askedAtMs = Number.NEGATIVE_INFINITY
  let asking: Promise<void> = Promise.resolve()
  const ask = async () => {
    try {
      known = await journal.ask('currentUpgrades', null)
    } catch (err) {
      log.warn({ err }, 'published upgrades could not be read')
    }
  }
  return {
    refusesOld,
    async upgradeFor(build) {
      const nowMs = scheduler.monotonic()
      if (nowMs - askedAtMs >= boardMs) {
        askedAtMs = nowMs
        asking = ask()
      }
      await asking
      return later(known, build)
    },
  }
}

function later(
  known: readonly CurrentUpgrade[],
  { version, platform, channel }: chat.ClientBuild,
): chat.Upgrade | undefined {
  const found = known.find((one) => one.platform === platform && one.channel === channel)
  if (found === undefined || !isVersion(version)) return undefined
  const required = isNewer(found.minVersion, version)
  return isNewer(found.version, version) ? { version: found.version, required } : undefined
}
