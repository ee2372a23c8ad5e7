/** The part of package-lock.json that the check reads. */
export interface Lock {
  packages: Record<string, LockedPackage>
}

interface LockedPackage {
  name?: string
  version?: string
  resolved?: string
  link?: boolean
  optionalDependencies?: Record<string, string>
}

/**
 * Says what in a lock file would break an install elsewhere: a platform's binary that was not published when the lock
 * was made (npm then leaves it out without a word), or an address that only some machines reach.
 */
export function lockGaps(lock: Lock): string[] {
  const gaps: string[] = []
  for (const [place, entry] of Object.entries(lock.packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!isLocked(lock, place, name)) gaps.push(`${place || 'the root'} lacks ${name} ${range}`)
    }
    if (entry.resolved && !entry.link && /^https?:/.test(entry.resolved)) {
      gaps.push(`${place} names the address it was fetched from`)
    }
  }
  return gaps
}

/** Looks where Node would: in the package's own node_modules, then in each folder above. */
function isLocked(lock: Lock, place: string, name: string): boolean {
  for (let folder = place; ; folder = parentOf(folder)) {
    const candidate = folder ? `${folder}/node_modules/${name}` : `node_modules/${name}`
    if (lock.packages[candidate]) return true
    if (folder === '') return false
  }
}

function parentOf(place: string): string {
  const at = place.lastIndexOf('/node_modules/')
  return at < 0 ? '' : place.slice(0, at)
}
