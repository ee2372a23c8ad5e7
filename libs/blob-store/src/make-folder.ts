import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { syncFolder } from '@parley/service-kit'

/** Makes a folder and its missing parents, 0700, all of them on disk when this resolves. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  // Each new folder is an entry of its parent: sync from the deepest parent up to the first made.
  const top = path.dirname(path.resolve(first))
  for (let parent = path.dirname(path.resolve(folder)); ; parent = path.dirname(parent)) {
    await syncFolder(parent)
    if (parent === top) return
  }
}
