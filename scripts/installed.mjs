/**
 * True when what is installed has the versions of the lock file. What the lock marks optional may be absent: those are
 * mostly other platforms' binaries.
 *
 * @param {{ packages: Record<string, { version?: string, optional?: boolean }> } | undefined} wanted package-lock.json
 * @param {{ packages: Record<string, { version?: string }> } | undefined} installed node_modules/.package-lock.json
 */
export function isInstalled(wanted, installed) {
  if (!wanted || !installed) return false
  return Object.entries(wanted.packages).every(([place, entry]) => {
    if (!place.includes('node_modules/')) return true
    const found = installed.packages[place]
    return found ? found.version === entry.version : entry.optional === true
  })
}
