/** Generates libs/proto/src/gen from proto/ with buf and ts-proto; does nothing when its inputs are unchanged. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const protoFolder = path.join(root, 'proto')
const genFolder = path.join(root, 'libs/proto/src/gen')
const stampFile = path.join(genFolder, '.inputs')

const inputs = [
  ...filesUnder(protoFolder).filter((name) => /\.(proto|yaml)$/.test(name)),
  import.meta.filename,
  path.join(root, 'node_modules/ts-proto/package.json'),
  path.join(root, 'node_modules/@bufbuild/buf/package.json'),
]
const stamp = hashOf(inputs)
if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) generate()

function generate(): void {
  const lib = path.dirname(genFolder)
  const fresh = mkdtempSync(path.join(path.dirname(lib), '.gen-'))
  try {
    buf('generate', '--output', fresh)
    writePackageDoors(path.join(fresh, 'gen'))
    writeDescriptors(path.join(fresh, 'gen'))
    replaceChanged(path.join(fresh, 'gen'))
    replaceFile(stampFile, stamp)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** Runs buf on the proto folder; what it writes to its standard output. */
function buf(...args: string[]): Buffer {
  const bin = path.join(root, 'node_modules/.bin')
  const run = spawnSync(path.join(bin, 'buf'), args, {
    cwd: protoFolder,
    env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (run.error) throw run.error
  if (run.status !== 0) throw new Error(`buf ${args[0]} ended with ${run.status ?? run.signal}`)
  return run.stdout
}

/** The files' own description, with which messages become JSON. */
function writeDescriptors(folder: string): void {
  const set = buf('build', '--as-file-descriptor-set', '--exclude-source-info', '--output', '-')
  const text = `/** A google.protobuf.FileDescriptorSet of all files. */\nexport const descriptors =\n  '${set.toString('base64')}'\n`
  writeFileSync(path.join(folder, 'descriptors.ts'), text)
}

/** One file per proto package (chat.ts, files.ts ..) that re-exports all its generated files. */
function writePackageDoors(folder: string): void {
  for (const name of readdirSync(path.join(folder, 'parley'))) {
    const files = filesUnder(path.join(folder, 'parley', name)).toSorted()
    const lines = files.map((file) => `export * from './${slashed(path.relative(folder, file))}'\n`)
    writeFileSync(path.join(folder, `${name}.ts`), lines.join(''))
  }
}

/** Swaps in file by file what differs, so that a process reading the old code never sees a gap. */
function replaceChanged(fresh: string): void {
  const names = new Set(filesUnder(fresh).map((file) => path.relative(fresh, file)))
  for (const name of names) {
    replaceFile(path.join(genFolder, name), readFileSync(path.join(fresh, name), 'utf8'))
  }
  for (const file of filesUnder(genFolder)) {
    const name = path.relative(genFolder, file)
    const beingWritten = file.endsWith('.part')
    if (!names.has(name) && file !== stampFile && !beingWritten) rmSync(file, { force: true })
  }
}

function replaceFile(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return
  mkdirSync(path.dirname(file), { recursive: true })
  const part = `${file}.${process.pid}.part`
  writeFileSync(part, text)
  renameSync(part, file)
}

function filesUnder(folder: string): string[] {
  if (!existsSync(folder)) return []
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.filter((one) => one.isFile()).map((one) => path.join(one.parentPath, one.name))
}

function hashOf(files: string[]): string {
  const hash = createHash('sha256')
  for (const file of files.toSorted()) {
    hash
      .update(`${slashed(path.relative(root, file))}\0`)
      .update(readFileSync(file))
      .update('\0')
  }
  return hash.digest('hex')
}

function slashed(file: string): string {
  return file.split(path.sep).join('/')
}
