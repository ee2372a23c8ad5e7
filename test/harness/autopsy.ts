import { readFile } from 'node:fs/promises'
import type { Cluster, ClusterEvent } from '@parley/cluster'

/** So many lines of each member's log are shown. */
const linesEach = 6
const noticeable = /"level":(?:[456]0|"(?:warn|error|fatal)")/

/**
 * What a failed test leaves to be read when its folder is gone: who ended and how, and the last
 * warnings and errors of each log.
 */
export async function autopsy(cluster: Cluster, events: readonly ClusterEvent[]): Promise<string> {
  const told = events.map((event) => {
    const how = 'ending' in event ? ` (${event.ending.signal ?? event.ending.code})` : ''
    return `${event.member} ${event.type}${how}`
  })
  const logs = await Promise.all(cluster.members.map((member) => lastWords(cluster, member)))
  return [`the cluster told: ${told.join(', ')}`, ...logs].filter(Boolean).join('\n')
}

async function lastWords(cluster: Cluster, member: Cluster['members'][number]): Promise<string> {
  const text = await readFile(cluster.logFile(member), 'utf8').catch(() => '')
  const lines = text.split('\n').filter((line) => noticeable.test(line))
  return lines.length === 0 ? '' : [`${member}:`, ...lines.slice(-linesEach)].join('\n')
}
