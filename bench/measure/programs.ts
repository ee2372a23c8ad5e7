import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import path from 'node:path'

const installLimitMs = 10 * 60_000
// Debian keeps servers in folders that only root has on its PATH.
const systemFolders = ['/usr/sbin', '/usr/local/sbin']

/**
 * The full path of a program, installed from its Debian package when it is missing and this process
 * may; throws an error that names the package when it cannot be had.
 */
export function requireProgram(name: string, packageName: string): string {
  const found = findProgram(name)
  if (found !== undefined) return found
  if (process.getuid?.() === 0) {
    console.log(`installing ${packageName} from the system packages (apt-get)`)
    install(packageName)
  }
  const installed = findProgram(name)
  if (installed === undefined) throw new Error(`${name} is missing: apt-get install ${packageName}`)
  return installed
}

function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), ...systemFolders]
  return folders.map((folder) => path.join(folder, name)).find(isExecutable)
}

function install(packageName: string): void {
  // As in single-user mode: what a package brings is not started as a service.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const quiet = ['-qq', '-o', 'Dpkg::Use-Pty=0']
  const options = { env, timeout: installLimitMs, stdio: ['ignore', 2, 2] as ('ignore' | 2)[] }
  spawnSync('apt-get', [...quiet, 'update'], options)
  spawnSync(
    'apt-get',
    [...quiet, 'install', '--yes', '--no-install-recommends', packageName],
    options,
  )
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
