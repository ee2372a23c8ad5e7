/** ipx as its documentation makes it, without its HTTP, in a process of its own. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createIPX, ipxFSStorage } from 'ipx'
import { serveBatches } from './serve-batches.ts'
import { quality, resultName } from './subject.ts'

await serveBatches(async ({ input, sides, folder, count }) => {
  const ipx = createIPX({ storage: ipxFSStorage({ dir: path.dirname(input) }) })
  for (let index = 0; index < count; index += 1) {
    for (const side of sides) {
      const modifiers = { s: `${side}x${side}`, fit: 'inside', f: 'jpeg', q: String(quality) }
      const { data } = await ipx(path.basename(input), modifiers).process()
      await writeFile(path.join(folder, resultName(index, side)), data)
    }
  }
})
