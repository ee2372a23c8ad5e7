/** `npm run bench -- CASE [options]`: runs one case; ends with 1 when the figures are void. */
import { directFile } from './direct-file/direct-file.ts'
import { dmDurable } from './dm-durable/dm-durable.ts'
import { fileGet } from './files/file-get.ts'
import { filePut } from './files/file-put.ts'
import { uploadResume } from './files/upload-resume.ts'
import { thumbnails } from './thumbnails/thumbnails.ts'
import { twoRelays } from './two-relays/two-relays.ts'

const cases: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  'dm-durable': dmDurable,
  'two-relays': twoRelays,
  'file-get': fileGet,
  'file-put': filePut,
  'upload-resume': uploadResume,
  thumbnails,
  'direct-file': directFile,
}

const [name = '', ...args] = process.argv.slice(2)
const run = cases[name]
if (run === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(cases).join(' | ')} [options]`)
  process.exit(2)
}
try {
  await run(args)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
