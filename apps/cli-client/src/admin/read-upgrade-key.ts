import { open } from 'node:fs/promises'
import { AppError } from '@parley/errors'
import { readSigningKey } from '@parley/upgrades'
import type { SigningKey } from '@parley/upgrades'

/** The bits of a file's mode that let others at it. */
const forOthers = 0o077

/**
 * The operator's key from its file; throws `AppError`: (not-found, NO_SUCH_FILE), (precondition, KEY_EXPOSED)
 * when others may read it, or as `readSigningKey`.
 */
export async function readUpgradeKey(file: string): Promise<SigningKey> {
  const handle = await open(file, 'r').catch((cause: unknown) => {
    throw new AppError('not-found', 'NO_SUCH_FILE', `${file} cannot be read`, { cause })
  })
  try {
    const { mode } = await handle.stat()
    if ((mode & forOthers) !== 0) {
      const message = `${file} can be read by others; chmod 600 it if nobody has done so`
      throw new AppError('precondition', 'KEY_EXPOSED', message)
    }
    return readSigningKey(await handle.readFile('utf8'))
  } finally {
    await handle.close()
  }
}
