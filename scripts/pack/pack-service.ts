import { spawnSync } from 'node:child_process'
import { cpSync, copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { isShipped, needed } from './parts.ts'
import type { Manifest } from './parts.ts'

/** Which service of which checkout goes where. */
export interface Packing {
  readonly root: string
  readonly service: string
  readonly target: string
}

const npmLimitMs = 60_000
/** What a package consists of; the manifest first, for by it the folder is known again. */
const packedFiles = ['package.json', 'package-lock.json', '.npmrc']
const packedFolders = ['apps', 'libs']
/** What `npm ci` adds. */
const installed = 'node_modules'
/** Within the target, for a rename does not reach beyond a file system. */
const draftName = '.packing'

/**
 * Fills a folder with one service and the libraries that it needs, without tests, and a lock file of
 * their packages alone: `npm ci --omit=dev --ignore-scripts` there is the whole installation. An earlier
 * package in that folder is replaced when all is ready, and what else lies beside it stays, such as the
 * data of a service that ran there; a folder with anything else is refused.
 */
export function packService({ root, service, target }: Packing): void {
  if (!isService(path.join(root, 'apps', service)))
    throw new Error(`there is no service ${service}`)
  assertOurs(target, service)
  const draft = path.join(target, draftName)
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { recursive: true })
  try {
    fill(draft, root, service)
    replace(target, draft)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

function isService(folder: string): boolean {
  if (!existsSync(path.join(folder, 'package.json'))) return false
  return readManifest(folder).scripts?.['serve'] !== undefined
}

function assertOurs(target: string, service: string): void {
  const names = existsSync(target) ? readdirSync(target) : []
  const isEmpty = names.every((name) => name === draftName)
  if (!isEmpty && nameIn(target) !== packageName(service)) {
    throw new Error(`${target} holds something else`)
  }
}

function fill(target: string, root: string, service: string): void {
  const parts = needed(`apps/${service}`, (place) => readManifest(path.join(root, place)))
  for (const place of parts) copyPart(root, place, target)
  writeRoot(root, service, target)
  prune(target)
}

/** Only what packing and npm have made goes. */
function replace(target: string, draft: string): void {
  for (const name of [...packedFolders, installed]) {
    rmSync(path.join(target, name), { recursive: true, force: true })
  }
  for (const name of [...packedFiles, ...packedFolders]) {
    renameSync(path.join(draft, name), path.join(target, name))
  }
}

function nameIn(folder: string): string | undefined {
  return existsSync(path.join(folder, 'package.json')) ? readManifest(folder).name : undefined
}

function packageName(service: string): string {
  return `parley-${service}`
}

function copyPart(root: string, place: string, target: string): void {
  const from = path.join(root, place)
  const to = path.join(target, place)
  const filter = (file: string) => isShipped(path.relative(from, file))
  cpSync(path.join(from, 'src'), path.join(to, 'src'), { recursive: true, filter })
  const { name, version, type, exports, dependencies } = readManifest(from)
  writeJson(path.join(to, 'package.json'), {
    name,
    version,
    private: true,
    type,
    exports,
    dependencies,
  })
}

function writeRoot(root: string, service: string, target: string): void {
  const { version, type, engines, optionalDependencies, overrides } = readManifest(root)
  writeJson(path.join(target, 'package.json'), {
    name: packageName(service),
    version,
    private: true,
    type,
    engines,
    workspaces: ['libs/*', 'apps/*'],
    scripts: { start: `node apps/${service}/src/main.ts` },
    optionalDependencies,
    overrides,
  })
  for (const name of ['package-lock.json', '.npmrc']) {
    copyFileSync(path.join(root, name), path.join(target, name))
  }
}

/** By npm's own rules: it takes out of the lock what nothing here needs, and asks nobody. */
function prune(target: string): void {
  const script = process.env['npm_execpath']
  const args = ['install', '--package-lock-only', '--offline', '--ignore-scripts', '--silent']
  const command = script?.endsWith('.js') ? [process.execPath, script] : ['npm']
  const [program = '', ...first] = command
  const options = { cwd: target, encoding: 'utf8', timeout: npmLimitMs } as const
  const { status, error, stdout, stderr } = spawnSync(program, [...first, ...args], options)
  if (status === 0) return
  throw new Error(`npm could not prune the lock file: ${error?.message ?? stdout + stderr}`)
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest
}

function writeJson(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, undefined, 2)}\n`)
}
