import { accessSync, constants } from 'node:fs'
import path from 'node:path'

/** The programs that faults of disks are made with. */
export type DiskTool = 'mkfs.xfs' | 'xfs_io' | 'strace' | 'mount'

const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin']

/** Why this machine cannot make such faults, or undefined when it can. */
export function whyNotHere(...tools: readonly DiskTool[]): string | undefined {
  if (process.platform !== 'linux') return 'only Linux has what is needed'
  if (process.getuid?.() !== 0) return 'only root may mount filesystems and trace processes'
  const missing = tools.filter((tool) => !folders.some((folder) => isProgram(folder, tool)))
  return missing.length > 0 ? `${missing.join(', ')} is not installed` : undefined
}

/**
 * True when such faults are to be skipped here, which is said aloud. Where they must not be
 * skipped, as root with CI=true, it throws.
 */
export function isSkippedHere(what: string, ...tools: readonly DiskTool[]): boolean {
  const why = whyNotHere(...tools)
  if (why === undefined) return false
  if (process.getuid?.() === 0 && process.env['CI'] === 'true') {
    throw new Error(`${what} must not be skipped here, but ${why}`)
  }
  process.stderr.write(`SKIPPED: ${what}: ${why}\n`)
  return true
}

function isProgram(folder: string, name: string): boolean {
  try {
    accessSync(path.join(folder, name), constants.X_OK)
    return true
  } catch {
    return false
  }
}
