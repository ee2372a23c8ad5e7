import { readFileSync } from 'node:fs'
import { childrenOf } from '../../apps/img-server/src/testing/processes.ts'
import { systemScheduler } from '@parley/service-kit'

/** The most that the service and any one of its workers have held, and how many workers there were. */
export interface MemoryPeaks {
  readonly serverBytes: number
  readonly workerBytes: number
  readonly workers: number
}

const lookEveryMs = 100

/** Looks at a process and its children until it is stopped: at the peak that the kernel keeps of each. */
export function watchMemory(pid: number) {
  let serverBytes = 0
  const workers = new Map<number, number>()
  const look = async () => {
    serverBytes = Math.max(serverBytes, peakBytes(pid))
    for (const child of await childrenOf(pid)) {
      workers.set(child, Math.max(workers.get(child) ?? 0, peakBytes(child)))
    }
  }
  const timer = systemScheduler.every(lookEveryMs, () => void look())
  return {
    async stop(): Promise<MemoryPeaks> {
      timer.cancel()
      await look()
      return { serverBytes, workerBytes: Math.max(0, ...workers.values()), workers: workers.size }
    },
  }
}

function peakBytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
  } catch {
    // It ended meanwhile.
    return 0
  }
}
