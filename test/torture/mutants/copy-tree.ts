import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, symlink } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

const maxListBytes = 16 * 1024 * 1024
/** Made from proto/, not committed, and needed by everything. */
const generated = 'libs/proto/src/gen'
/** The workspaces: their links point at the tree that they lie in, so a copy has its own. */
const ownScope = '@parley'

/**
 * Copies the project's sources, as they are now, into an empty folder in which they run: other
 * packages are linked to the ones installed here, our own are the copy's. What git ignores stays behind.
 */
export async function copyTree(root: string, target: string): Promise<void> {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const { stdout } = await promisify(execFile)('git', list, {
    cwd: root,
    maxBuffer: maxListBytes,
  })
  const files = stdout.split('\0').filter((file) => file !== '')
  for (const folder of new Set(files.map((file) => path.dirname(file)))) {
    await mkdir(path.join(target, folder), { recursive: true })
  }
  for (const file of files) await copyIfThere(path.join(root, file), path.join(target, file))
  await cp(path.join(root, generated), path.join(target, generated), { recursive: true })
  await linkPackages(path.join(root, 'node_modules'), path.join(target, 'node_modules'))
}

/** A file that is tracked but was deleted is left out. */
async function copyIfThere(from: string, to: string): Promise<void> {
  await cp(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}

async function linkPackages(from: string, to: string): Promise<void> {
  await mkdir(to)
  for (const name of await readdir(from)) {
    if (name === ownScope) await cp(path.join(from, name), path.join(to, name), verbatim)
    else await symlink(path.join(from, name), path.join(to, name))
  }
}

const verbatim = { recursive: true, verbatimSymlinks: true }
