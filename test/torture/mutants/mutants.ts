import { readFile, readdir } from 'node:fs/promises'
import path from 'node:path'

/** A way to break one promise, as a patch of the product. */
export interface Mutant {
  /** The promise that it breaks, as the name of its file tells it. */
  readonly name: string
  readonly patchFile: string
  /** The first line of the patch: what the mutant does, in words. */
  readonly what: string
  /** The second line of the patch: words of the breaches that show it, of which one must be told. */
  readonly shownBy: readonly string[]
}

const folder = path.join(import.meta.dirname, 'patches')
const suffix = '.patch'

/** All mutants, by name. */
export async function allMutants(): Promise<Mutant[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(suffix)).toSorted()
  return await Promise.all(files.map(mutantOf))
}

async function mutantOf(file: string): Promise<Mutant> {
  const patchFile = path.join(folder, file)
  const [what = '', by = ''] = (await readFile(patchFile, 'utf8')).split('\n', 2)
  const shownBy = [...by.matchAll(/`([^`]+)`/g)].flatMap(([, words]) => words ?? [])
  if (shownBy.length === 0) throw new Error(`${file} does not say by what it is caught`)
  return { name: file.slice(0, -suffix.length), patchFile, what, shownBy }
}
