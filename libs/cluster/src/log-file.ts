import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { copyFile, stat, truncate } from 'node:fs/promises'

const maxLogBytes = 16 * 1024 * 1024
const lastWordsBytes = 16 * 1024
const ownerOnly = 0o600

/** A log file open for a process to append to. */
export interface LogFile {
  readonly fd: number
  /** What the process has written, at most the last 16 KiB. */
  lastWords(): string
  close(): void
}

/** Opens a log file to append to, readable by its owner only. */
export function openLog(path: string): LogFile {
  const fd = openSync(path, 'a', ownerOnly)
  const startedAt = fstatSync(fd).size
  return {
    fd,
    lastWords: () => readTail(path, startedAt),
    close: () => closeSync(fd),
  }
}

/**
 * Keeps a log under its bound while a process writes to it: beyond 16 MiB it becomes `<path>.1`,
 * whose former content goes, and starts anew. Lines written in that instant may be lost.
 */
export async function boundLog(path: string, maxBytes = maxLogBytes): Promise<void> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  )
  if (size <= maxBytes) return
  await copyFile(path, `${path}.1`)
  // The writer appends, so its next line lands at the new end.
  await truncate(path, 0)
}

function readTail(path: string, startedAt: number): string {
  const fd = openSync(path, 'r')
  try {
    const { size } = fstatSync(fd)
    const from = Math.max(Math.min(startedAt, size), size - lastWordsBytes)
    const bytes = Buffer.alloc(size - from)
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, from))
  } finally {
    closeSync(fd)
  }
}
