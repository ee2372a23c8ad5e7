import { readFileSync, readdirSync } from 'node:fs'

/** Ticks per second: USER_HZ, which Linux shows as 100 everywhere. */
const ticksPerSecond = 100

/** CPU seconds of the children of a process that have ended and been waited for. */
export function endedChildrenCpuSeconds(pid: number): number {
  const fields = statOf(pid)
  return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond
}

/** CPU seconds of a process, its living descendants, and those that have ended. */
export function treeCpuSeconds(pid: number): number {
  const fields = statOf(pid)
  const own = (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  const children = childrenOf(pid).reduce((sum, child) => sum + treeCpuSeconds(child), 0)
  return own + endedChildrenCpuSeconds(pid) + children
}

// The name in brackets may hold blanks: what follows it begins with the third field, the state.
function statOf(pid: number): readonly string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number),
  )
}
