import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { tagsOf, undecodable } from '../../apps/img-server/src/testing/judges.ts'
import type { Served } from './attempt.ts'

/** So many pictures are judged at once: both judges are dear to start. */
const usualBatchPictures = 300

interface Batch {
  readonly folder: string
  readonly nameOf: Map<string, string>
}

/** Gathers pictures that were served, and has programs of others decode them and look for tags. */
export class Judge {
  readonly #folder: string
  readonly #tell: (wrong: string) => void
  readonly #batchPictures: number
  // One after the other: a batch that is judged while pictures are added to it would leave these out.
  #last: Promise<unknown> = Promise.resolve()
  #batches = 0
  #batch: Batch | undefined
  /** Pictures that were judged. */
  judged = 0

  constructor(folder: string, tell: (wrong: string) => void, batchPictures = usualBatchPictures) {
    this.#folder = folder
    this.#tell = tell
    this.#batchPictures = batchPictures
  }

  /** Takes the pictures of one candidate; now and then that takes as long as judging them all. */
  take(name: string, served: readonly Served[]): Promise<void> {
    return this.#inTurn(() => this.#add(name, served))
  }

  /** Judges what was taken and not judged yet. */
  finish(): Promise<void> {
    return this.#inTurn(() => this.#judge())
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined)
    return done
  }

  async #add(name: string, served: readonly Served[]): Promise<void> {
    this.#batch ??= await this.#begin()
    const { folder, nameOf } = this.#batch
    for (const { variant, type, bytes } of served) {
      const file = path.join(folder, `${nameOf.size}.${type.slice('image/'.length)}`)
      nameOf.set(file, `${variant} of ${name}`)
      await writeFile(file, bytes)
    }
    if (nameOf.size >= this.#batchPictures) await this.#judge()
  }

  async #judge(): Promise<void> {
    const batch = this.#batch
    this.#batch = undefined
    if (!batch || batch.nameOf.size === 0) return
    const files = [...batch.nameOf.keys()]
    const lines = [...(await undecodable(files)), ...(await tagsOf(files))]
    for (const line of lines) this.#tell(named(line, batch))
    this.judged += files.length
    await rm(batch.folder, { recursive: true, force: true })
  }

  async #begin(): Promise<Batch> {
    this.#batches += 1
    const folder = path.join(this.#folder, `served-${this.#batches}`)
    await mkdir(folder, { recursive: true })
    return { folder, nameOf: new Map() }
  }
}

// Lines begin with the file that they are about.
function named(line: string, { nameOf }: Batch): string {
  const [file = '', ...words] = line.split(': ')
  return `${nameOf.get(file) ?? file}: ${words.join(': ')}`
}
