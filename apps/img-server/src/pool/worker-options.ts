import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { PoolOptions } from './worker-pool.ts'

const mebibyte = 1024 * 1024

/** How images are worked on: two at a time, each within 20 s of CPU and 1 GiB. */
export const workerOptions: PoolOptions = {
  workers: 2,
  maxWaiting: 64,
  maxWaitingOfUser: 16,
  program: fileURLToPath(new URL('../worker/main.ts', import.meta.url)),
  cpuLimitMs: 20_000,
  timeLimitMs: 60_000,
  residentLimitBytes: 1_024 * mebibyte,
  dataLimitBytes: 1_900 * mebibyte,
  fileLimitBytes: 256 * mebibyte,
  recycleBytes: 256 * mebibyte,
  watchPeriodMs: 50,
  startLimitMs: 10_000,
  prlimit: ['/usr/bin/prlimit', '/bin/prlimit'].find((path) => existsSync(path)),
  restMs: 1_000,
  maxRestMs: 30_000,
}
