import { cpuSeconds } from '../measure/process-cpu.ts'
import { round } from '../measure/statistics.ts'
import type { LoadFigures } from './load.ts'

/** Does work, and says what it took here and in the server. */
export async function timed(pid: number, work: () => Promise<void>): Promise<LoadFigures> {
  const before = instant(pid)
  await work()
  const after = instant(pid)
  return {
    seconds: round((after.ms - before.ms) / 1000),
    serverCpuSeconds: round(after.server - before.server),
    clientCpuSeconds: round(after.client - before.client),
  }
}

/** Does one piece of work for each job, `parallel` at once; each worker keeps what `open` gave it. */
export async function inParallel<Job, Tool>(
  jobs: readonly Job[],
  parallel: number,
  open: () => Promise<Tool>,
  work: (job: Job, tool: Tool) => Promise<void>,
): Promise<void> {
  const queue = [...jobs]
  const worker = async () => {
    const tool = await open()
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) await work(job, tool)
  }
  await Promise.all(Array.from({ length: Math.min(parallel, jobs.length) }, worker))
}

function instant(pid: number) {
  const { user, system } = process.cpuUsage()
  return { ms: performance.now(), server: cpuSeconds(pid), client: (user + system) / 1e6 }
}
