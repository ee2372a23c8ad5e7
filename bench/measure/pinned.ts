import { spawn } from 'node:child_process'
import type { ChildProcess, StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import type { Env } from '@parley/service-kit'

/** A process of this Node that is bound to one core. */
export interface PinnedProcess {
  readonly core: number
  readonly args: readonly string[]
  readonly env?: Env
  readonly stdio: StdioOptions
}

/** Starts it. `taskset` becomes the process, so the child's pid is Node's own. */
export function startPinned({ core, args, env, stdio }: PinnedProcess): ChildProcess {
  return spawn('taskset', ['-c', String(core), process.execPath, ...args], {
    stdio,
    env: { ...process.env, ...env },
  })
}

/** Ends it in order and settles when it is gone. */
export async function stopPinned(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
}
