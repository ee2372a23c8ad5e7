import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import path from 'node:path'
import { eventually } from '@parley/testkit'
import { onTestFinished } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')
const readyLimitMs = 60_000

/** A run of `npm start`, or of the script behind it. */
export class StartCommand {
  readonly ended: Promise<number | null>
  readonly #child: ChildProcess
  stdout = ''
  stderr = ''

  private constructor(child: ChildProcess) {
    this.#child = child
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text))
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code) => resolve(code))
    })
  }

  /** Runs the script of `npm start`; ended with the current test. */
  static script(env: Record<string, string>, args: readonly string[] = []): StartCommand {
    return this.#spawn(process.execPath, ['scripts/start.ts', ...args], env)
  }

  /** Runs `npm start` itself, as a terminal would: in a process group of its own. */
  static npm(env: Record<string, string>): StartCommand {
    return this.#spawn('npm', ['start', '--silent'], env)
  }

  static #spawn(
    program: string,
    args: readonly string[],
    env: Record<string, string>,
  ): StartCommand {
    const child = spawn(program, args, {
      cwd: root,
      detached: true,
      env: { ...process.env, PORT_BASE: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const command = new StartCommand(child)
    onTestFinished(async () => {
      command.signalGroup('SIGTERM')
      await command.ended
    })
    return command
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Resolves when it says that all is up. */
  up(): Promise<unknown> {
    const isUp = () => {
      if (this.stdout.includes('Ctrl-C stops everything')) return true
      throw new Error(`not up: ${this.stdout}${this.stderr}`)
    }
    return eventually(isUp, { timeoutMs: readyLimitMs, everyMs: 50 })
  }

  /** `host:port` of the relay, as the table says. */
  relay(): string {
    return /^ {2}relay +(\S+)/m.exec(this.stdout)?.[1] ?? ''
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** What Ctrl-C in a terminal does: a signal to the whole group. */
  signalGroup(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, signal)
    } catch {
      // The group is gone.
    }
  }
}
