import { spawn } from 'node:child_process'

/** A command, where to run it, and how long it may take. */
export interface BoundedRun {
  command: string
  args: string[]
  folder: string
  limitMs: number
  /** From the polite signal at the limit to the one that cannot be ignored. */
  killGraceMs: number
}

/** Runs a command with this process's output; true when it ended well. At its limit it is stopped, then killed. */
export function runBounded(run: BoundedRun): Promise<boolean> {
  const { command, args, folder, limitMs, killGraceMs } = run
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] })
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
