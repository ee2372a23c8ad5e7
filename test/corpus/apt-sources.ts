import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '@parley/errors'
import { runProgram } from './run-program.ts'

const system = '/etc/apt'
const updateLimitMs = 5 * 60_000

/**
 * Options for apt with which it knows the sources of the packages that this system installs, and touches
 * nothing of the system's: lists and caches lie in `folder`. Throws `AppError` (unavailable, NO_SOURCES).
 */
export async function privateApt(folder: string): Promise<readonly string[]> {
  const places = ['sources', 'lists/partial', 'cache/archives/partial']
  const [sources = '', lists = '', cache = ''] = places.map((name) => path.join(folder, name))
  // What an earlier system was told is none of this one's.
  await rm(sources, { recursive: true, force: true })
  for (const place of [sources, lists, cache]) await mkdir(place, { recursive: true })
  await writeSources(sources)
  const options = [
    '-o', 'Dir::Etc::SourceList=/dev/null',
    '-o', `Dir::Etc::SourceParts=${sources}`,
    '-o', `Dir::State::Lists=${path.dirname(lists)}`,
    '-o', `Dir::Cache=${path.join(folder, 'cache')}`,
    '-o', 'APT::Sandbox::User=root',
  ] // prettier-ignore
  // Some of several sources may not answer: what is known then says itself.
  await runProgram('apt-get', ['-qq', ...options, 'update'], { limitMs: updateLimitMs })
  return options
}

async function writeSources(folder: string): Promise<void> {
  const parts = path.join(system, 'sources.list.d')
  const names = await readdir(parts).catch(() => [])
  const files = [path.join(system, 'sources.list'), ...names.map((name) => path.join(parts, name))]
  let count = 0
  for (const file of files.filter((name) => /\.(list|sources)$/.test(name))) {
    const text = sourceLines(await readFile(file, 'utf8').catch(() => ''))
    if (text === '') continue
    count += 1
    await writeFile(path.join(folder, path.basename(file)), text)
  }
  if (count === 0) throw new AppError('unavailable', 'NO_SOURCES', 'apt knows no packages here')
}

/** What apt is told of packages, in either of its two ways, made to be of their sources. */
export function sourceLines(text: string): string {
  const isOfPackages = /^(deb\s|Types:.*\bdeb\b)/m.test(text)
  if (!isOfPackages) return ''
  return text
    .replaceAll(/^deb-src\s.*\n?/gm, '')
    .replaceAll(/^deb(?=\s)/gm, 'deb-src')
    .replaceAll(/^Types:.*$/gm, 'Types: deb-src')
}
