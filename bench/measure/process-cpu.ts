import { readFileSync, readdirSync } from 'node:fs'

/** Ticks of utime and stime per second: USER_HZ, which Linux shows as 100 everywhere. */
const ticksPerSecond = 100

/** CPU seconds that a process and its descendants have used so far, in user and kernel, all threads. */
export function cpuSeconds(pid: number): number {
  return treeOf(pid).reduce((sum, each) => sum + ticksOf(`/proc/${each}`), 0) / ticksPerSecond
}

/** CPU seconds of each thread of a process so far, threads of one name together. */
export function cpuSecondsOfThreads(pid: number): ReadonlyMap<string, number> {
  const seconds = new Map<string, number>()
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const folder = `/proc/${pid}/task/${thread}`
    const name = readFileSync(`${folder}/comm`, 'utf8').trim()
    seconds.set(name, (seconds.get(name) ?? 0) + ticksOf(folder) / ticksPerSecond)
  }
  return seconds
}

/** Resident bytes of a process. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
}

function ticksOf(folder: string): number {
  const stat = readFileSync(`${folder}/stat`, 'utf8')
  // The name in brackets may hold blanks; utime and stime are the 14th and 15th fields.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

function treeOf(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
  )
  return [pid, ...children.flatMap((child) => treeOf(Number(child)))]
}
