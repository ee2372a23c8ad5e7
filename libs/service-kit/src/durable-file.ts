import { randomUUID } from 'node:crypto'
import { link, open, readFile, rename, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'

const ownerOnly = 0o600

/**
 * Replaces a file whole, readable by its owner only: after it resolves the bytes survive a power
 * cut, and at no time does a reader see half of them.
 */
export async function writeFileDurably(path: string, bytes: Uint8Array | string): Promise<void> {
  const draft = await writeDraft(path, bytes)
  await orRemoved(draft, rename(draft, path))
  await syncFolder(dirname(path))
}

/**
 * The text of a file, made from `make()` if it was not there; of several processes that start
 * together one makes it and all read the same.
 */
export async function readOrCreateFile(path: string, make: () => string): Promise<string> {
  const existing = await readIfThere(path)
  if (existing !== undefined) return existing
  const draft = await writeDraft(path, make())
  // A link, unlike a rename, fails when another process was first.
  await link(draft, path).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error
  })
  await unlink(draft)
  await syncFolder(dirname(path))
  return readFile(path, 'utf8')
}

/** The text of a file, or undefined when there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Makes the names in a folder survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function writeDraft(path: string, bytes: Uint8Array | string): Promise<string> {
  const draft = `${path}.${randomUUID()}.draft`
  const file = await open(draft, 'wx', ownerOnly)
  await orRemoved(draft, written(file, bytes))
  return draft
}

async function written(file: FileHandle, bytes: Uint8Array | string): Promise<void> {
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

// On a full disk each try would leave one more draft.
async function orRemoved(draft: string, done: Promise<void>): Promise<void> {
  try {
    await done
  } catch (error) {
    await unlink(draft).catch(() => undefined)
    throw error
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
}
