import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A new empty folder that is gone when the current test ends. */
export async function tempFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'parley-test-'))
  // A process that was just killed may still write there.
  onTestFinished(() => rm(path, { recursive: true, force: true, maxRetries: 5 }))
  return path
}
