import { join } from 'node:path'
import type { ClientBuild } from '@parley/client'
import { AppError } from '@parley/errors'
import { readIfThere, writeFileDurably } from '@parley/service-kit'

/** When the newest package that was seen here had been published, by channel and platform. */
type Seen = Readonly<Record<string, number>>

/** The most channels and platforms that are remembered; the one seen first is forgotten. */
const maxPlaces = 64

/** When the newest package that this home has seen was published; 0 when it has seen none. */
export async function seenAtMs(home: string, build: ClientBuild): Promise<number> {
  return (await read(home))[placeOf(build)] ?? 0
}

/** Remembers it, so that an older one cannot be passed off as the newest later. */
export async function noteSeen(home: string, build: ClientBuild, atMs: number): Promise<void> {
  const { [placeOf(build)]: before = 0, ...others } = await read(home)
  if (atMs <= before) return
  const kept = Object.entries(others).slice(1 - maxPlaces)
  const seen = Object.fromEntries([...kept, [placeOf(build), atMs]])
  await writeFileDurably(fileOf(home), `${JSON.stringify(seen)}\n`)
}

async function read(home: string): Promise<Seen> {
  const text = await readIfThere(fileOf(home))
  if (text === undefined) return {}
  try {
    const seen = JSON.parse(text) as unknown
    if (isSeen(seen)) return seen
  } catch {
    // Told below.
  }
  const message = `${fileOf(home)} is broken: without it an old package could be passed off as new; delete it to go on all the same`
  throw new AppError('corrupt', 'UPGRADES_SEEN_BROKEN', message)
}

function isSeen(value: unknown): value is Seen {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every((atMs) => Number.isSafeInteger(atMs))
}

function placeOf({ channel, platform }: ClientBuild): string {
  return `${channel}/${platform}`
}

function fileOf(home: string): string {
  return join(home, 'upgrades-seen.json')
}
