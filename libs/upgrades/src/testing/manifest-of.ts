import type { Manifest } from '../manifest.ts'

/** A manifest in which only this is of interest. */
export function manifestOf(change: Partial<Manifest> = {}): Manifest {
  return {
    version: '1.2.3',
    platform: 'linux-x64',
    channel: 'stable',
    fileId: 'f'.repeat(32),
    sizeBytes: 5,
    digest: 'ab'.repeat(32),
    minVersion: '0.0.0',
    notes: '',
    publishedAtMs: 1_700_000_000_000,
    ...change,
  }
}
