import { rmSync } from 'node:fs'
import { digestFile } from '@parley/blob-store'
import type { LoadFigures } from './load.ts'
import type { Work } from './options.ts'
import { sourceDigest } from './source-bytes.ts'
import type { Stage } from './stage.ts'
import { settleDisk } from './stage.ts'
import type { FileSubject, PutAnswer, SourceFile } from './subject.ts'

/** Files that lie on a server. */
export interface Stored {
  readonly file: SourceFile
  readonly answer: PutAnswer
}

let made = 0

/** Files that have never been anywhere. */
export function freshFiles({ files, sizeBytes }: Pick<Work, 'files' | 'sizeBytes'>): SourceFile[] {
  return Array.from({ length: files }, () => {
    made += 1
    const seed = `file-${made}`
    return { seed, sizeBytes, digest: sourceDigest(seed, sizeBytes) }
  })
}

/** Puts files to a server; throws unless they then lie on its disk byte for byte. */
export async function putFiles(
  { clients }: Stage,
  subject: FileSubject,
  { parallel }: Pick<Work, 'parallel'>,
  files: readonly SourceFile[],
): Promise<{ readonly figures: LoadFigures; readonly stored: readonly Stored[] }> {
  const { address, pid } = subject
  const jobs = []
  for (const file of files) jobs.push(await subject.putJob(file))
  const done = await clients.carryOut({ kind: 'put', address, pid, parallel, jobs })
  settleDisk()
  const stored = matched(files, done.stored)
  for (const { file, answer } of stored) await assertBytes(subject, file, answer)
  return { figures: done.figures, stored }
}

/** Pairs files with what the server said of them. */
export function matched(files: readonly SourceFile[], answers: readonly PutAnswer[]): Stored[] {
  const bySeed = new Map(answers.map((answer) => [answer.seed, answer]))
  return files.map((file) => {
    const answer = bySeed.get(file.seed)
    if (answer === undefined) throw new Error(`void: nothing was said of ${file.seed}`)
    return { file, answer }
  })
}

/** Throws unless the bytes of a stored file are on the server's disk. */
export async function assertBytes(subject: FileSubject, file: SourceFile, answer: PutAnswer) {
  const place = subject.placeOf(file, answer)
  const found = (await digestFile(place)).hex()
  if (found !== file.digest) throw new Error(`void: ${subject.name} has other bytes at ${place}`)
}

/** Makes room on the disk; the servers' own books are not told. */
export function removeBytes(subject: FileSubject, stored: readonly Stored[]): void {
  for (const { file, answer } of stored) rmSync(subject.placeOf(file, answer))
}
