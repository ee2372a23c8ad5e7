import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import os from 'node:os'

/** A command, where to run it, and how long it may take. */
export interface BoundedRun {
  command: string
  args: string[]
  folder: string
  limitMs: number
  /** From the polite signal at the limit to the one that cannot be ignored. */
  killGraceMs: number
  /** Set for what runs beside other commands: it gets what they leave, and its output goes to this file. */
  quietInto?: string
}

/** Runs a command, with this process's output unless told; true when it ended well. At its limit it is stopped, then killed. */
export function runBounded(run: BoundedRun): Promise<boolean> {
  const { command, args, folder, limitMs, killGraceMs, quietInto } = run
  return new Promise((resolve) => {
    const output = quietInto === undefined ? 'inherit' : openSync(quietInto, 'w')
    const child = spawn(command, args, { cwd: folder, stdio: ['ignore', output, output] })
    if (output !== 'inherit') {
      closeSync(output)
      stepBack(child.pid)
    }
    const stop = setTimeout(() => {
      process.stderr.write(`${command} ${args.join(' ')}: no end after ${limitMs} ms\n`)
      child.kill('SIGTERM')
    }, limitMs)
    const kill = setTimeout(() => child.kill('SIGKILL'), limitMs + killGraceMs)
    const settle = (succeeded: boolean) => {
      clearTimeout(stop)
      clearTimeout(kill)
      resolve(succeeded)
    }
    child.once('error', () => settle(false))
    child.once('exit', (code) => settle(code === 0))
  })
}

/** Whatever it starts later steps back with it. */
function stepBack(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    os.setPriority(pid, os.constants.priority.PRIORITY_LOW)
  } catch {
    // It has ended already, or the system has no priorities.
  }
}
