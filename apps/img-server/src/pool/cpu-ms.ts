import { readFileSync } from 'node:fs'

/** USER_HZ, which Linux shows as 100 everywhere. */
const msPerTick = 10

/** CPU time of a process so far, in milliseconds; 0 when it is gone or the system has no /proc. */
export function cpuMs(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name in brackets may hold blanks; utime and stime are the 14th and 15th fields.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * msPerTick
  } catch {
    return 0
  }
}
