import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { runProgram } from './run-program.ts'

/** One archive of a source package, as the signed list of its distribution names it. */
export interface Archive {
  readonly name: string
  readonly sizeBytes: number
  readonly sha256: string
}

/** The archives of a source package: those that are here, byte for byte as listed and not too large, and the names of the others. */
export interface FetchedPackage {
  readonly name: string
  readonly archives: readonly string[]
  readonly missing: readonly string[]
}

const listLimitMs = 60_000
const fetchLimitMs = 5 * 60_000
const maxArchiveBytes = 128 * 1024 * 1024

/** Brings a source package's archives into a folder of its name, unless they are there; tolerates what is missing. */
export async function fetchPackage(
  apt: readonly string[],
  folder: string,
  name: string,
): Promise<FetchedPackage> {
  const place = path.join(folder, name)
  await mkdir(place, { recursive: true })
  const source = ['-qq', ...apt, 'source', '--download-only']
  const list = await runProgram('apt-get', [...source, '--print-uris', name], {
    limitMs: listLimitMs,
  })
  const listed = archivesIn(list.output)
  const archives = listed.filter(({ sizeBytes }) => sizeBytes <= maxArchiveBytes)
  // apt fetches all of a package or nothing: one that is too large comes along, and is not used.
  if ((await thoseHere(place, archives)).length < archives.length) {
    await runProgram('apt-get', [...source, name], { limitMs: fetchLimitMs, cwd: place })
  }
  const here = await thoseHere(place, archives)
  const missing = listed.filter((archive) => !here.includes(archive))
  return {
    name,
    archives: here.map((archive) => path.join(place, archive.name)),
    missing: listed.length === 0 ? [name] : missing.map((archive) => archive.name),
  }
}

/** The archives in what apt says it would fetch: lines of a quoted address, name, size and digest. */
export function archivesIn(uris: string): Archive[] {
  const line = /^'[^']+' (\S+\.tar\.(?:xz|gz|bz2|zst)) (\d+) SHA256:([0-9a-f]{64})$/gm
  return [...uris.matchAll(line)].map(([, name = '', size = '', sha256 = '']) => {
    return { name: path.basename(name), sizeBytes: Number(size), sha256 }
  })
}

async function thoseHere(place: string, archives: readonly Archive[]): Promise<Archive[]> {
  const digests = await Promise.all(
    archives.map(({ name }) => sha256Of(path.join(place, name)).catch(() => undefined)),
  )
  return archives.filter(({ sha256 }, index) => digests[index] === sha256)
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
