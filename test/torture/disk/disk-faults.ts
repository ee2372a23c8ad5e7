import { eventually } from '@parley/testkit'
import { faultPlan } from './fault-plan.ts'
import type { DiskFault } from './fault-plan.ts'
import { withStage } from './stage.ts'
import type { Stage } from './stage.ts'
import { startSyscallFault } from './syscall-fault.ts'
import { Trial } from './trial.ts'
import type { TrialReport } from './trial.ts'

/** How disks fail. */
export interface DiskFaultRequest {
  readonly seed: number
  readonly faults: number
  /** Hears one line per fault. */
  readonly tell?: (line: string) => void
}

/** What came of it. */
export interface DiskFaultReport extends TrialReport {
  /** Faults that struck. */
  readonly faults: number
}

/** A fault that nobody walks into for so long is let go: not every call is made under every load. */
const strikeLimitMs = 8_000
/** A process whose disk has failed is gone by then. */
const endLimitMs = 5_000

/**
 * Lets single system calls of a relay on SQLite and of a file server fail, or kills them in the
 * middle of one, under load: a process whose disk has failed must end by itself instead of trying
 * again, and whatever was acknowledged before must be there after the next start.
 */
export async function runDiskFaults(request: DiskFaultRequest): Promise<DiskFaultReport> {
  return await withStage((stage) => runOnStage(stage, request))
}

async function runOnStage(stage: Stage, request: DiskFaultRequest): Promise<DiskFaultReport> {
  const quiet = { acknowledged: () => undefined, uploaded: () => undefined }
  const trial = await Trial.open(stage, request.seed, quiet)
  let faults = 0
  try {
    await trial.load.start()
    for (const fault of faultPlan(request.faults)) {
      const struck = await suffer(trial, fault)
      if (struck) faults += 1
      const found = await recover(trial)
      request.tell?.(`${wordsOf(fault)}: ${struck ? 'struck' : 'not met'}, ${found.join('; ')}`)
    }
    await trial.judgeAll()
  } catch (error) {
    trial.broken([`after fault ${faults}: ${String(error)}`])
  } finally {
    await trial.close()
  }
  return { faults, ...trial.report() }
}

/** Lets one fault strike and the process end; answers whether it was met at all. */
async function suffer(trial: Trial, fault: DiskFault): Promise<boolean> {
  const { cluster } = trial.stage
  const { member, syscalls, kind, nth } = fault
  const pid = cluster.pid(member)
  if (pid === undefined) throw new Error(`${member} is not up`)
  const lying = await startSyscallFault({
    pid,
    syscalls,
    fault: kind === 'kills' ? 'signal=KILL' : 'error=EIO',
    when: kind === 'fails for good' ? `${nth}+` : `${nth}`,
  })
  try {
    const isOver = () => lying.struck > 0 || cluster.pid(member) === undefined
    const isMet = await eventually(isOver, { timeoutMs: strikeLimitMs }).catch(() => false)
    if (!isMet) return false
    // The tracer stays while the process ends: the disk does not get better in the meantime.
    await eventually(() => cluster.pid(member) === undefined, { timeoutMs: endLimitMs }).catch(() =>
      trial.broken([`${wordsOf(fault)}: ${member} went on after it`]),
    )
    return true
  } finally {
    await lying.stop()
  }
}

async function recover(trial: Trial): Promise<readonly string[]> {
  const { cluster } = trial.stage
  await trial.load.halt()
  for (const member of ['relay', 'file-server'] as const) await cluster.start(member)
  const found = await trial.judge()
  await trial.load.start()
  return found
}

function wordsOf({ member, syscalls, kind, nth }: DiskFault): string {
  return `${member}: call ${nth} of ${syscalls[0]} ${kind}`
}
