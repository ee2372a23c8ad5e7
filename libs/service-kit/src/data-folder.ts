import { chmod, mkdir, open, unlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AppError } from '@parley/errors'

/**
 * The absolute path of a data folder that exists, is the owner's alone and takes files; throws
 * `AppError` (precondition, FOLDER_NOT_WRITABLE) naming the folder and the system's reason.
 */
export async function dataFolder(path: string): Promise<string> {
  const folder = resolve(path)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await chmod(folder, 0o700)
    await probe(folder)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const message = `the data folder ${folder} cannot be written: ${why}`
    throw new AppError('precondition', 'FOLDER_NOT_WRITABLE', message, { cause })
  }
  return folder
}

// Rights alone do not tell: root may write anywhere except on a read-only or full filesystem.
async function probe(folder: string): Promise<void> {
  const path = join(folder, `.probe-${process.pid}`)
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile('probe')
    await file.sync()
  } finally {
    await file.close()
    await unlink(path)
  }
}
