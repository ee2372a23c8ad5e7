import { readFileSync, readdirSync } from 'node:fs'

/** The processes, other than this one, that were started with a path or setting under this folder. */
export function processesOf(folder: string): number[] {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
  return pids.filter((pid) => pid !== process.pid && startedWith(pid, folder))
}

/** Resident bytes of a process; throws when it is gone. */
export function residentBytes(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  if (kib === undefined) throw new Error(`process ${pid} is gone`)
  return Number(kib) * 1024
}

function startedWith(pid: number, text: string): boolean {
  try {
    const words = `${readFileSync(`/proc/${pid}/cmdline`, 'utf8')}\0${readFileSync(`/proc/${pid}/environ`, 'utf8')}`
    return words.includes(text)
  } catch {
    // It ended meanwhile, or is a zombie, which has neither.
    return false
  }
}

const ticksPerSecond = 100

/** Seconds of CPU that a process has used, in all its threads; throws when it is gone. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name, in brackets, may have spaces in it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}
