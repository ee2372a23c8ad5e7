import type { ClusterEvent } from '@parley/cluster'

/** What a person is told about a member of the cluster; nothing of its first, ordinary start. */
export function eventLine(event: ClusterEvent): string | undefined {
  const { member } = event
  switch (event.type) {
    case 'up':
      return event.run > 1 ? `parley: ${member} is up again` : undefined
    case 'ended': {
      const { signal, code } = event.ending
      return `parley: ${member} ended${(signal ?? code) ? ` (${signal ?? `code ${code}`})` : ''}`
    }
    case 'restarting':
      return `parley: starting ${member} again in ${(event.inMs / 1000).toFixed(1)} s`
    case 'failed': {
      const why = event.error instanceof Error ? event.error.message : String(event.error)
      return `parley: ${member} did not start: ${why}`
    }
    case 'given-up':
      return `parley: ${member} stays down: it refused to start too often`
  }
}
