import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChatClient, DownloadOptions, EntryPlace } from '@parley/client'
import type { Drawing } from './painter.ts'

/** Fetches an image into a folder of its own, draws it, and leaves nothing there. */
export async function fetchedDrawing(
  client: ChatClient,
  place: EntryPlace,
  options: DownloadOptions,
  draw: (path: string) => Promise<Drawing>,
): Promise<Drawing> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-show-'))
  try {
    const { path } = await client.download(place, join(folder, 'picture'), options)
    return await draw(path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
