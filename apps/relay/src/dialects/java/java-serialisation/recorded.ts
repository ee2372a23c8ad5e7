import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const lines = readFileSync(join(import.meta.dirname, 'recorded.txt'), 'utf8').split('\n')

/** What a JVM wrote, by name; `recorded.txt` says how it was made. */
export const records: ReadonlyMap<string, Buffer> = new Map(
  lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [name = '', hex = ''] = line.split(' ')
      return [name, Buffer.from(hex, 'hex')]
    }),
)

/** The bytes of one record. */
export function recorded(name: string): Buffer {
  const bytes = records.get(name)
  if (bytes === undefined) throw new Error(`there is no record "${name}"`)
  return bytes
}
