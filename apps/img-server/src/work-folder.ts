import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** A place for one image being worked on: where its bytes go, and an empty folder for results. */
export interface WorkPlace {
  /** Not there yet. */
  readonly input: string
  readonly made: string
}

/** Runs work in a place of its own under `parent`, which is removed afterwards. */
export async function inWorkPlace<T>(
  parent: string,
  work: (place: WorkPlace) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(parent, 'image-'))
  try {
    const made = join(folder, 'made')
    await mkdir(made, { mode: 0o700 })
    return await work({ input: join(folder, 'input'), made })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
