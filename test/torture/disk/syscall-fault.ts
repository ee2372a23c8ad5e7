import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { systemScheduler, within } from '@parley/service-kit'

/** A fault of system calls of a process. */
export interface SyscallFaultRequest {
  readonly pid: number
  readonly syscalls: readonly string[]
  /** What strace is to inject, for example `error=EIO` or `signal=KILL`. */
  readonly fault: string
  /** Which calls of each thread it befalls: `3` the third, `3+` all from the third on. */
  readonly when: string
}

/** A fault that lies in wait. */
export interface SyscallFault {
  /** How often it has struck. */
  readonly struck: number
  /** Resolves when it strikes for the first time, or when the process ends. */
  readonly first: Promise<void>
  /** Lets the process go. */
  stop(): Promise<void>
}

const attachLimitMs = 10_000

/** Lies in wait for system calls of a running process, all its threads included. Needs strace. */
export async function startSyscallFault(request: SyscallFaultRequest): Promise<SyscallFault> {
  const { pid, syscalls, fault, when } = request
  const calls = syscalls.join(',')
  const wait = ['-f', '-p', String(pid), '-e', `trace=${calls}`]
  const tracer = spawn('strace', [...wait, '-e', `inject=${calls}:${fault}:when=${when}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(tracer, 'exit')
  let struck = 0
  const first = new Promise<void>((resolve) => {
    void ended.then(() => resolve())
    createInterface({ input: tracer.stderr }).on('line', (line) => {
      if (!/\((INJECTED|DELAYED)\)$|killed by SIGKILL/.test(line)) return
      struck += 1
      resolve()
    })
  })
  const attached = once(tracer.stderr, 'data')
  await within(systemScheduler, attachLimitMs, 'attaching', Promise.race([attached, ended]))
  return {
    get struck() {
      return struck
    },
    first,
    async stop() {
      tracer.kill('SIGINT')
      await ended
    },
  }
}
