import { join } from 'node:path'
import { readIfThere, writeFileDurably } from '@parley/service-kit'

// Names never change hands, so what was once looked up stays right.
const maxNames = 1_000

type Names = Record<string, string>

/** The ids of users this account has named before, so that a message to them can wait while the server is away. */
export class KnownNames {
  readonly #path: string

  constructor(home: string, userId: string) {
    this.#path = join(home, `names-${userId}.json`)
  }

  /** The user id (UUID text) behind a name. */
  async find(name: string): Promise<string | undefined> {
    const names = await this.#read()
    return Object.hasOwn(names, keyOf(name)) ? names[keyOf(name)] : undefined
  }

  /** Keeps a name; beyond 1,000 the oldest is forgotten. */
  async keep(name: string, userId: string): Promise<void> {
    const names = await this.#read()
    if (names[keyOf(name)] === userId) return
    const entries = Object.entries({ ...names, [keyOf(name)]: userId })
    const text = JSON.stringify(Object.fromEntries(entries.slice(-maxNames)))
    await writeFileDurably(this.#path, text)
  }

  async #read(): Promise<Names> {
    const text = await readIfThere(this.#path)
    return text === undefined ? {} : parse(text)
  }
}

function keyOf(name: string): string {
  return `@${name.normalize('NFKC').toLowerCase()}`
}

// A file that is not ours to understand costs a look-up, nothing else.
function parse(text: string): Names {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return {}
    const entries = Object.entries(value)
    return Object.fromEntries(entries.filter(([, id]) => typeof id === 'string'))
  } catch {
    return {}
  }
}
