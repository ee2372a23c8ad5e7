import { rm, statfs } from 'node:fs/promises'
import path from 'node:path'
import { idBytes } from '@parley/client'
import { eventually } from '@parley/testkit'
import { Tus } from '../../harness/tus.ts'
import { LoopDisk } from './loop-disk.ts'
import { runCommand } from './run-command.ts'
import { openStage } from './stage.ts'
import type { Stage } from './stage.ts'
import { Trial } from './trial.ts'
import type { TrialReport } from './trial.ts'

/** How a disk fills up. */
export interface FullDiskRequest {
  readonly seed: number
  /** How often it is filled up and emptied again. */
  readonly times: number
}

const leftBytes = 256 * 1024
const setAsideBytes = 128 << 20
const fullLimitMs = 60_000
const recoverLimitMs = 10_000
const readLimitMs = 3_000

/**
 * Fills the disk of a relay on SQLite and of a file server up under load, and makes room again:
 * while it is full sends are unresolved, uploads refused and reads answered; nobody dies, and when
 * there is room everything goes on by itself.
 */
export async function runFullDisk(request: FullDiskRequest): Promise<TrialReport> {
  const disk = await LoopDisk.make()
  try {
    const stage = await openStage(disk.folder)
    try {
      return await runOnStage(stage, disk, request)
    } finally {
      await stage.close()
    }
  } finally {
    await disk.remove()
  }
}

async function runOnStage(
  stage: Stage,
  disk: LoopDisk,
  { seed, times }: FullDiskRequest,
): Promise<TrialReport> {
  const quiet = { acknowledged: () => undefined, uploaded: () => undefined }
  const trial = await Trial.open(stage, seed, quiet)
  const pids = () => [stage.cluster.pid('relay'), stage.cluster.pid('file-server')]
  try {
    const before = pids()
    await trial.load.start()
    for (let time = 0; time < times; time += 1) {
      await acknowledgedAnew(trial, 200)
      await whileFull(disk, () => checkFull(trial))
      await acknowledgedAnew(trial, 200)
      await trial.load.halt()
      await trial.judge()
      await trial.load.start()
    }
    if (String(pids()) !== String(before)) trial.broken(['a process has ended on a full disk'])
    await trial.judgeAll()
  } catch (error) {
    trial.broken([String(error)])
  } finally {
    await trial.close()
  }
  return trial.report()
}

/** Waits until so many more messages were acknowledged. */
async function acknowledgedAnew({ history }: Trial, count: number): Promise<void> {
  const before = history.accepted()
  await eventually(() => history.accepted() >= before + count, { timeoutMs: recoverLimitMs })
}

async function whileFull(disk: LoopDisk, work: () => Promise<void>): Promise<void> {
  const ballast = path.join(disk.folder, 'ballast')
  const take = async (bytes: number) => runCommand('fallocate', '-l', String(bytes), ballast)
  // Asked for more than there is, XFS gives back what it had set aside for files that grow.
  const refused = take((await freeBytes(disk.folder)) + setAsideBytes)
  await refused.catch(() => undefined)
  await rm(ballast, { force: true })
  // The load takes some of it at the same time.
  await eventually(async () => take((await freeBytes(disk.folder)) - leftBytes))
  try {
    await work()
  } finally {
    await rm(ballast)
  }
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

async function checkFull(trial: Trial): Promise<void> {
  const { load, stage } = trial
  const { people, group, files } = stage
  // The log's file may have had some room of its own.
  const isStuck = () =>
    load.senders.every(({ open, unresolved }) => open > 0 && open === unresolved)
  await eventually(isStuck, { timeoutMs: fullLimitMs, everyMs: 1 })
  const startedMs = performance.now()
  const request = { conversationId: idBytes(group), beforeSeq: 0, limit: 200 }
  const { entries } = await people.bob.calls.history.listMessages(request)
  if (entries.length === 0) trial.broken(['a full disk hides the log'])
  const tookMs = performance.now() - startedMs
  if (tookMs > readLimitMs) trial.broken([`a full disk delays reading by ${tookMs} ms`])
  const { status, reason } = await new Tus(files, people.dan.login().accessToken).create(1_000_000)
  if (status !== 507) trial.broken([`a full disk answers an upload with ${status} ${reason}`])
}
