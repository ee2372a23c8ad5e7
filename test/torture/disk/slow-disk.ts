import { idBytes } from '@parley/client'
import { eventually } from '@parley/testkit'
import { withStage } from './stage.ts'
import type { Stage } from './stage.ts'
import { startSyscallFault } from './syscall-fault.ts'
import { Trial } from './trial.ts'
import type { TrialReport } from './trial.ts'

/** How slow a disk gets. */
export interface SlowDiskRequest {
  readonly seed: number
  /** How long each of the first syncs takes. */
  readonly syncMs: number
  /** How many syncs are slow. */
  readonly syncs: number
}

/** What came of it. */
export interface SlowDiskReport extends TrialReport {
  /** The longest that a message was without an answer. */
  readonly longestMs: number
  /** Messages were answered as unresolved. */
  readonly hasUnresolved: boolean
}

/** The promise is 10 s; the rest is for a machine that has other things to do. */
const answerLimitMs = 10_500
const readLimitMs = 3_000
const convergeLimitMs = 30_000

/**
 * Slows the syncs of a relay on SQLite down under load: every message is answered in time all the
 * same, reads are not held up, and nothing is stored twice.
 */
export async function runSlowDisk(request: SlowDiskRequest): Promise<SlowDiskReport> {
  return await withStage((stage) => runOnStage(stage, request))
}

async function runOnStage(stage: Stage, request: SlowDiskRequest): Promise<SlowDiskReport> {
  const quiet = { acknowledged: () => undefined, uploaded: () => undefined }
  const trial = await Trial.open(stage, request.seed, quiet)
  const { history, load } = trial
  let hasUnresolved = false
  let longestMs = 0
  try {
    await load.start()
    await eventually(() => history.accepted() > 50, { timeoutMs: convergeLimitMs })
    await whileSlow(stage, request, async (isOver) => {
      await eventually(
        async () => {
          hasUnresolved ||= load.senders.some(({ unresolved }) => unresolved > 0)
          await checkReading(trial)
          return isOver()
        },
        { timeoutMs: request.syncMs * request.syncs + convergeLimitMs },
      )
    })
    const accepted = history.accepted()
    await eventually(() => history.accepted() > accepted + 50, { timeoutMs: convergeLimitMs })
    longestMs = Math.max(...load.senders.map((sender) => sender.takeLongestMs()))
    if (longestMs > answerLimitMs) trial.broken([`a message waited ${longestMs} ms for an answer`])
    await trial.judgeAll()
  } catch (error) {
    trial.broken([String(error)])
  } finally {
    await trial.close()
  }
  return { ...trial.report(), longestMs, hasUnresolved }
}

async function whileSlow(
  { cluster }: Stage,
  { syncMs, syncs }: SlowDiskRequest,
  work: (isOver: () => boolean) => Promise<void>,
): Promise<void> {
  const fault = await startSyscallFault({
    pid: cluster.pid('relay') ?? 0,
    syscalls: ['fsync', 'fdatasync'],
    fault: `delay_exit=${syncMs * 1_000}`,
    when: `1..${syncs}`,
  })
  // The last one strikes as it begins.
  let lastStruckAtMs = Infinity
  const isOver = () => {
    if (fault.struck >= syncs) lastStruckAtMs = Math.min(lastStruckAtMs, performance.now())
    return performance.now() - lastStruckAtMs > syncMs
  }
  try {
    await work(isOver)
  } finally {
    await fault.stop()
  }
}

async function checkReading(trial: Trial): Promise<void> {
  const { people, group } = trial.stage
  const startedMs = performance.now()
  const request = { conversationId: idBytes(group), beforeSeq: 0, limit: 50 }
  await people.bob.calls.history.listMessages(request)
  const tookMs = performance.now() - startedMs
  if (tookMs > readLimitMs) trial.broken([`a slow disk delays reading by ${Math.round(tookMs)} ms`])
}
