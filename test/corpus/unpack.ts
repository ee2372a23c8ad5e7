import { createHash } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, open, readFile, readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { sniffedBytes } from '../../apps/img-server/src/domain/image-format.ts'
import type { FetchedPackage } from './fetch-package.ts'
import { kindOf } from './kind-of.ts'
import type { Kind } from './kind-of.ts'
import { runProgram } from './run-program.ts'

/** One file that somebody else made. */
export interface CorpusImage {
  /** Package and path in it. */
  readonly name: string
  readonly package: string
  readonly kind: Kind
  readonly sizeBytes: number
  /** SHA-256 of its bytes. */
  readonly digest: string
  /** Where a copy of it lies. */
  readonly file: string
}

const unpackLimitMs = 5 * 60_000
const maxImageBytes = 20 * 1024 * 1024
/** Of a package; a refusal by the first bytes looks at nothing else. */
const maxOfOtherKinds = 60

/** Copies the images of packages into a folder, each only once, whatever their names are; runs nothing of them. */
export class Unpacker {
  readonly #folder: string
  readonly #seen = new Set<string>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** The images of one package that no earlier one had, sorted by name. */
  async imagesOf({ name, archives }: FetchedPackage): Promise<CorpusImage[]> {
    const place = await mkdtemp(path.join(this.#folder, 'unpacked-'))
    try {
      for (const archive of archives) {
        const args = ['--extract', '--no-same-owner', '--no-same-permissions', '--file', archive]
        await runProgram('tar', [...args, '--directory', place], { limitMs: unpackLimitMs })
      }
      return await this.#imagesIn(place, name)
    } finally {
      await rm(place, { recursive: true, force: true })
    }
  }

  async #imagesIn(place: string, of: string): Promise<CorpusImage[]> {
    const images: CorpusImage[] = []
    let others = 0
    for (const file of await filesIn(place)) {
      const image = await this.#imageOf(place, file, of, others < maxOfOtherKinds)
      if (!image) continue
      images.push(image)
      if (!image.kind.isTaken) others += 1
    }
    return images
  }

  async #imageOf(place: string, file: string, of: string, othersToo: boolean) {
    const { size: sizeBytes } = await stat(file)
    if (sizeBytes === 0 || sizeBytes > maxImageBytes) return undefined
    const kind = kindOf(file, await headOf(file))
    if (!kind || (!kind.isTaken && !othersToo)) return undefined
    const digest = createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
    if (this.#seen.has(digest)) return undefined
    this.#seen.add(digest)
    const kept = path.join(this.#folder, 'images', digest)
    await mkdir(path.dirname(kept), { recursive: true })
    await copyFile(file, kept)
    const name = `${of}/${path.relative(place, file)}`
    return { name, package: of, kind, sizeBytes, digest, file: kept }
  }
}

// Regular files only: a link could lead anywhere.
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return files.map((entry) => path.join(entry.parentPath, entry.name)).toSorted()
}

async function headOf(file: string): Promise<Buffer> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(sniffedBytes), 0, sniffedBytes, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}
