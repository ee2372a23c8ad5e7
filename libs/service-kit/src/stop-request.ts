const parentPollMs = 1_000

/** Resolves with the reason the first time this process is asked to stop; later requests change nothing. */
export function askedToStop(watchParent: boolean): Promise<string> {
  return new Promise((resolve) => {
    // Kept installed after the first signal: an impatient second Ctrl-C must not cut off a clean stop.
    process.on('SIGTERM', () => resolve('SIGTERM'))
    process.on('SIGINT', () => resolve('SIGINT'))
    if (watchParent) onParentDeath(() => resolve('the parent process is gone'))
  })
}

// An orphan gets another parent; nothing else tells a process whose parent was killed with -9.
function onParentDeath(fn: () => void): void {
  const parent = process.ppid
  const poll = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(poll)
    fn()
  }, parentPollMs)
  poll.unref()
}
