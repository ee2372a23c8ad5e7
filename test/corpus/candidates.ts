import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { seededRandom } from '@parley/testkit'
import { mutate } from './mutate.ts'
import type { CorpusImage } from './unpack.ts'

/** One upload to be tried: an image as it is, or one of its mutations. */
export interface Candidate {
  /** From 1 on, in the order in which they are tried. */
  readonly number: number
  /** Of its image, with the number and the kind of the mutation if it is one. */
  readonly name: string
  readonly package: string
  readonly kind: string
  readonly isMutation: boolean
  readonly bytes: Buffer
}

/** Larger ones are tried as they are only: they take longest, and say nothing that smaller ones do not. */
const maxMutatedBytes = 2 * 1024 * 1024

/** How many candidates these images give. */
export function countCandidates(images: readonly CorpusImage[], mutations: number): number {
  return images.length + images.filter(isMutated).length * mutations
}

/** Every image as it is, then the first mutation of each, then the second; one is read at a time. */
export async function* candidatesOf(
  images: readonly CorpusImage[],
  mutations: number,
  seed: number,
): AsyncGenerator<Candidate> {
  let number = 0
  for (const image of images) {
    number += 1
    yield { ...factsOf(image), number, isMutation: false, bytes: await readFile(image.file) }
  }
  for (let turn = 1; turn <= mutations; turn += 1) {
    for (const image of images.filter(isMutated)) {
      const { bytes, how } = mutate(await readFile(image.file), chanceOf(image, seed, turn))
      const name = `${image.name} #${turn} (${how})`
      number += 1
      yield { ...factsOf(image), number, name, isMutation: true, bytes }
    }
  }
}

// What is refused by its first bytes is so however the others are turned.
function isMutated({ kind, sizeBytes }: CorpusImage): boolean {
  return kind.isTaken && sizeBytes <= maxMutatedBytes
}

function factsOf(image: CorpusImage) {
  return { name: image.name, package: image.package, kind: image.kind.name }
}

// Of the image alone: which others are there changes nothing.
function chanceOf({ digest }: CorpusImage, seed: number, turn: number): () => number {
  const hash = createHash('sha256').update(`${seed} ${turn} ${digest}`).digest()
  return seededRandom(hash.readUInt32BE(0))
}
