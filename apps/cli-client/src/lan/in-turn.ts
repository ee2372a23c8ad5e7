import { mkdir } from 'node:fs/promises'
import { AppError, isAppError } from '@parley/errors'
import { delay, lockFolder } from '@parley/service-kit'
import type { FolderLock, Scheduler } from '@parley/service-kit'

const pollMs = 20

/** Whose turn it is to change something that processes share. */
export interface Turn {
  /** The folder of the lock, made when it is not there; of a process that ends the system takes it back. */
  readonly lockPath: string
  readonly scheduler: Scheduler
  /** Until when to wait, by `scheduler.monotonic()`. */
  readonly endMs: number
}

/**
 * Runs `work` while no other process runs its own under the same lock; throws `AppError`
 * (unavailable, LAN_PEERS_BUSY), naming the process, when its turn does not come in time.
 */
export async function inTurn<T>(turn: Turn, work: () => Promise<T>): Promise<T> {
  await mkdir(turn.lockPath, { recursive: true, mode: 0o700 })
  const lock = await taken(turn)
  try {
    return await work()
  } finally {
    lock.release()
  }
}

async function taken({ lockPath, scheduler, endMs }: Turn): Promise<FolderLock> {
  for (;;) {
    try {
      return lockFolder(lockPath)
    } catch (error) {
      if (!isAppError(error) || error.reason !== 'FOLDER_IN_USE') throw error
      if (scheduler.monotonic() >= endMs) throw busy(error)
    }
    await delay(scheduler, pollMs)
  }
}

function busy(cause: AppError): AppError {
  const message = `whom this device knows cannot be changed now: ${cause.message}`
  return new AppError('unavailable', 'LAN_PEERS_BUSY', message, { cause })
}
