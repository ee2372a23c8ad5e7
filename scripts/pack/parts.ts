/** What packing reads of a package.json. */
export interface Manifest {
  readonly name: string
  readonly [field: string]: unknown
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
}

const scope = '@parley/'
const forTests = /\.(test|contract|fixture)\.ts$|(^|\/)(testing|simulation)(\/|$)/

/** A part and the libraries of this repository that it needs, as folders, each once. */
export function needed(place: string, manifestOf: (place: string) => Manifest): string[] {
  const found = new Set([place])
  // Grows while it is walked.
  for (const each of found) {
    for (const name of ownNames(manifestOf(each))) found.add(`libs/${name}`)
  }
  return [...found]
}

function ownNames({ dependencies = {} }: Manifest): string[] {
  const own = Object.keys(dependencies).filter((name) => name.startsWith(scope))
  return own.map((name) => name.slice(scope.length))
}

/** Whether a file or folder of a part is of use where it runs; what only its tests need is not. */
export function isShipped(file: string): boolean {
  return !forTests.test(file.replaceAll('\\', '/'))
}
