import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

const readyLimitMs = 60_000
const stopLimitMs = 20_000
const stoppedLimitMs = 1_000
const keptCharacters = 8_000

/** A running mariadbd. */
export interface ServerProcess {
  readonly pid: number
  /** Resolves when it has ended, whoever ended it. */
  readonly ended: Promise<void>
  /** Stops it where it stands; every thread of it has stopped when this returns. */
  pause(): void
  resume(): void
  /** Ends it by a signal; after SIGTERM by force when 20 s have passed. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

/** Starts mariadbd and waits until it takes connections; throws with its last words. */
export async function startProcess(
  program: string,
  settings: readonly string[],
): Promise<ServerProcess> {
  // The kernel ends the server with us, also when we are killed with -9.
  const setpriv = '/usr/bin/setpriv'
  const command = [program, ...settings]
  const [first = program, ...rest] = existsSync(setpriv)
    ? [setpriv, '--pdeathsig', 'KILL', ...command]
    : command
  const child = spawn(first, rest, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('close', () => resolve())
  })
  let words = ''
  await new Promise<void>((resolve, reject) => {
    const fail = () => reject(new Error(`mariadbd did not start:\n${words}`))
    const timer = setTimeout(() => child.kill('SIGKILL'), readyLimitMs)
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-keptCharacters)
      if (!words.includes('ready for connections')) return
      clearTimeout(timer)
      resolve()
    })
    void ended.then(() => (clearTimeout(timer), fail()))
  })
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    child.kill(signal)
    const force = setTimeout(() => child.kill('SIGKILL'), stopLimitMs)
    await ended
    clearTimeout(force)
  }
  const pid = child.pid ?? 0
  const pause = () => {
    child.kill('SIGSTOP')
    // The signal is on its way when `kill` returns: a thread that runs may still answer.
    const untilMs = performance.now() + stoppedLimitMs
    while (!hasStopped(pid) && performance.now() < untilMs);
  }
  return { pid, ended, end, pause, resume: () => void child.kill('SIGCONT') }
}

function hasStopped(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).every((task) => {
      const state = readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8')
      // The name of the program, in brackets, may hold anything.
      return state.slice(state.lastIndexOf(')') + 2).startsWith('T')
    })
  } catch {
    // A thread has ended between the two looks: look again.
    return false
  }
}
