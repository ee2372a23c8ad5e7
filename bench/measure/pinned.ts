import { spawn } from 'node:child_process'
import type { ChildProcess, StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import type { Env } from '@parley/service-kit'

/** A process of this Node that may be bound to one core. */
export interface PinnedProcess {
  /** Undefined for any. */
  readonly core: number | undefined
  readonly args: readonly string[]
  readonly env?: Env
  readonly stdio: StdioOptions
}

/** Starts it. `taskset` becomes the process, so the child's pid is Node's own. */
export function startPinned({ core, args, env, stdio }: PinnedProcess): ChildProcess {
  const options = { stdio, env: { ...process.env, ...env } }
  if (core === undefined) return spawn(process.execPath, args, options)
  return spawn('taskset', ['-c', String(core), process.execPath, ...args], options)
}

/** Ends it in order and settles when it is gone. */
export async function stopPinned(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
}
