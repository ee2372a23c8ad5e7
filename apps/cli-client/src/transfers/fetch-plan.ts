import { lstat, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileDigest, idBytes } from '@parley/client'
import type { Variant } from '@parley/client'
import { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import { numberedFileName } from '../file-name.ts'
import type { Asking } from '../session.ts'
import { attachmentOf, imageOf, nameToStore } from './attachment-of.ts'
import type { SeqRange } from './seq-ranges.ts'

const pageSize = 200
const maxEntries = 10_000
const maxNamesTried = 1_000

/** Which attachments to fetch, and where to. */
export interface FetchSetOptions {
  readonly ranges: readonly SeqRange[]
  /** The current folder unless told; made when it is not there. */
  readonly folder: string | undefined
  readonly variant: Variant | undefined
}

/** One attachment, and where it shall be. */
export interface Fetch {
  readonly seq: number
  readonly name: string
  readonly sizeBytes: number
  readonly path: string
  /** The bytes are at that path already. */
  readonly isHere: boolean
  /** Of an image's small variant, whose digest no entry tells: files that may be it, by their names. */
  readonly maybe: readonly string[]
}

/** Entries of ranges, oldest first. */
export async function entriesIn(
  { calls }: Asking,
  id: string,
  ranges: readonly SeqRange[],
): Promise<chat.NumberedEntry[]> {
  const [lowest, highest] = [
    Math.min(...ranges.map(({ from }) => from)),
    Math.max(...ranges.map(({ to }) => to)),
  ]
  const found: chat.NumberedEntry[] = []
  let beforeSeq = Math.min(highest + 1, Number.MAX_SAFE_INTEGER)
  for (let seen = 0; beforeSeq > lowest;) {
    const question = { conversationId: idBytes(id), beforeSeq, limit: pageSize }
    const { entries, more } = await calls.history.listMessages(question)
    const [first] = entries
    if (!first) break
    found.unshift(...entries.filter(({ seq }) => isIn(ranges, seq)))
    seen += entries.length
    if (seen > maxEntries) throw tooMany()
    beforeSeq = more ? first.seq : 0
  }
  for (const { from, to } of ranges) if (from === to) assertAttached(found, from)
  return found
}

function tooMany(): AppError {
  const message = `there are more than ${maxEntries} entries; name a shorter range`
  return new AppError('invalid', 'TOO_MANY_FILES', message)
}

function isIn(ranges: readonly SeqRange[], seq: number): boolean {
  return ranges.some(({ from, to }) => from <= seq && seq <= to)
}

// In a range what is no attachment is passed over; who names an entry means it.
function assertAttached(found: readonly chat.NumberedEntry[], wanted: number): void {
  const entry = found.find(({ seq }) => seq === wanted)
  if (!entry) {
    throw new AppError('not-found', 'NO_SUCH_ENTRY', `there is no entry ${wanted} to be seen`)
  }
  if (attachmentOf(entry.entry)) return
  throw new AppError('invalid', 'NO_ATTACHMENT', `entry ${wanted} has no file and no image`)
}

/** Where each attachment of the entries shall be; makes the folder. */
export async function planned(
  found: readonly chat.NumberedEntry[],
  { folder = '.', variant }: FetchSetOptions,
): Promise<Fetch[]> {
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new AppError('invalid', 'CANNOT_WRITE', `${folder} cannot be made`, { cause })
  })
  // One after the other: two of the same name must not get the same path.
  const plan: Fetch[] = []
  const taken = new Set<string>()
  for (const { seq, entry } of found) {
    const attachment = attachmentOf(entry)
    if (!attachment) continue
    const of = imageOf(entry) ? variant : undefined
    const isFull = of === undefined || of === 'full'
    const name = nameToStore(entry, of)
    const spot = await freeSpot(join(folder, '.'), name, taken, isFull ? attachment : undefined)
    taken.add(spot.path)
    plan.push({ seq, name, sizeBytes: isFull ? attachment.size : 0, ...spot })
  }
  return plan
}

async function freeSpot(
  folder: string,
  name: string,
  taken: ReadonlySet<string>,
  wanted: { readonly size: number; readonly digest: Uint8Array } | undefined,
): Promise<Pick<Fetch, 'path' | 'isHere' | 'maybe'>> {
  const maybe: string[] = []
  for (let nth = 0; nth < maxNamesTried; nth += 1) {
    const path = join(folder, numberedFileName(name, nth))
    if (taken.has(path)) continue
    const there = await lstat(path).catch(() => undefined)
    if (!there) return { path, isHere: false, maybe }
    if (!wanted && there.isFile()) maybe.push(path)
    if (!wanted || !there.isFile() || there.size !== wanted.size) continue
    const digest = await fileDigest(path).catch(() => '')
    if (digest === Buffer.from(wanted.digest).toString('hex')) return { path, isHere: true, maybe }
  }
  throw new AppError('conflict', 'FILE_EXISTS', `there are too many files called ${name}`)
}
