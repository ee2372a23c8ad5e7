import { tagsOf } from '../../apps/img-server/src/testing/judges.ts'
import type { CorpusImage } from './unpack.ts'

const atOnce = 300
const privateTag = /GPS|Serial|Owner|Artist|Author|Creator|Copyright/i

/** How many of the images came with a tag of a place, a serial number or an owner: what must not pass. */
export async function countTagged(images: readonly CorpusImage[]): Promise<number> {
  const files = images.filter(({ kind }) => kind.isTaken).map(({ file }) => file)
  const tagged = new Set<string>()
  for (let from = 0; from < files.length; from += atOnce) {
    for (const line of await tagsOf(files.slice(from, from + atOnce))) {
      const [file = '', tag = ''] = line.split(': ')
      if (privateTag.test(tag)) tagged.add(file)
    }
  }
  return tagged.size
}
