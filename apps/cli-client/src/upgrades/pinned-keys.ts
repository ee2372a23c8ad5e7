import { join, resolve } from 'node:path'
import { AppError } from '@parley/errors'
import { readIfThere } from '@parley/service-kit'
import { parsePublicKeys } from '@parley/upgrades'
import type { PublicKey } from '@parley/upgrades'
import type { CliConfig } from '../config.ts'

const fileName = 'upgrade-keys'
const installation = resolve(import.meta.dirname, '../..')

/**
 * The keys by which packages are known as genuine: those of PARLEY_UPGRADE_KEYS, else of the file
 * `upgrade-keys` in the home and beside the installed program. Never those that a server names. Throws
 * `AppError` (precondition, UPGRADE_KEYS_MISSING) when there is none.
 */
export async function pinnedKeys({ home, upgradeKeys }: CliConfig): Promise<PublicKey[]> {
  const files = [join(home, fileName), join(installation, fileName)]
  const texts =
    upgradeKeys === undefined ? await Promise.all(files.map(readIfThere)) : [upgradeKeys]
  const keys = texts.flatMap((text) => parsePublicKeys(text ?? ''))
  if (keys.length > 0) return keys
  const message = `no key is pinned here by which packages could be known as genuine: set PARLEY_UPGRADE_KEYS, or put the operator's public key into ${files[0]}`
  throw new AppError('precondition', 'UPGRADE_KEYS_MISSING', message)
}
