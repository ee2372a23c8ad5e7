import type { Tx } from '../../store/tx.ts'
import type { NewUpgrade } from '../../store/upgrade-rows.ts'
import { done, refuse } from '../script.ts'
import type { Verdict } from '../script.ts'

/** Packages of one channel and platform that are kept, for clients that are fetching one. */
const keptUpgrades = 3
/** The most channels and platforms, counted together. */
const maxPlaces = 64

/** Makes a package the newest of its channel and platform; those that are too many are let go. */
export function publishUpgrade(tx: Tx, upgrade: NewUpgrade): Verdict<null> {
  const before = tx.upgrades.list(upgrade)
  if (before.some(({ version }) => version === upgrade.version)) {
    return refuse('VERSION_PUBLISHED', 'This version has been published already.')
  }
  const [newest] = before
  if (newest !== undefined && newest.publishedAtMs >= upgrade.publishedAtMs) {
    const words = 'A package has been published that is dated later; look at the clock.'
    return refuse('PUBLISHED_LATER', words)
  }
  if (newest === undefined && tx.upgrades.countPlaces() >= maxPlaces) {
    return refuse('UPGRADES_FULL', `There are packages of ${maxPlaces} channels and platforms.`)
  }
  tx.upgrades.insert(upgrade)
  for (const old of before.slice(keptUpgrades - 1)) tx.upgrades.remove(old)
  return done(null)
}
