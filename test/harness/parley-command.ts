import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import path from 'node:path'
import { eventually } from '@parley/testkit'
import { passwordOf } from './person.ts'

const program = path.resolve(import.meta.dirname, '../../apps/cli-client/bin/parley.js')
const runLimitMs = 60_000

/** A JSON line of the command. */
export type Line = Readonly<Record<string, unknown>> & { readonly type?: string }

/** How one run of the command ended. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** The JSON lines of stdout, where `--json` was given. */
  readonly lines: readonly Line[]
}

/** The real `parley` command, with a home and a server. */
export class ParleyCommand {
  readonly home: string
  readonly server: string

  readonly #folder: string | undefined

  /** `folder` is where it runs; this process's own unless told. */
  constructor(home: string, server: string, folder?: string) {
    this.#folder = folder
    this.home = home
    this.server = server
  }

  /** Registers and logs in; everything later happens as this user. */
  register(name: string): Promise<Ended> {
    return this.must(['register', name], { PARLEY_PASSWORD: passwordOf(name) })
  }

  /** Logs a further device in. */
  login(name: string): Promise<Ended> {
    return this.must(['login', name], { PARLEY_PASSWORD: passwordOf(name) })
  }

  /** Runs a command with --json to its end; throws unless it succeeds. */
  async must(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
    const ended = await this.run(args, env)
    if (ended.code === 0) return ended
    throw new Error(`parley ${args.join(' ')} ended with ${ended.code}: ${ended.stderr}`)
  }

  /** Runs a command with --json to its end. */
  async run(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
    const running = this.start(args, env)
    const timer = setTimeout(() => running.kill('SIGKILL'), runLimitMs)
    try {
      return await running.ended
    } finally {
      clearTimeout(timer)
    }
  }

  /** Starts a command with --json that goes on until it is stopped. */
  start(args: readonly string[], env: Record<string, string> = {}): RunningCommand {
    return new RunningCommand(this.#spawn(args, env, 'pipe'))
  }

  /** As `start`, for output too long to be kept: it goes to a file. */
  startInto(file: string, args: readonly string[]): RunningCommand {
    const fd = openSync(file, 'w')
    const running = new RunningCommand(this.#spawn(args, {}, fd))
    closeSync(fd)
    return running
  }

  #spawn(args: readonly string[], env: Record<string, string>, stdout: 'pipe' | number) {
    return spawn(process.execPath, [program, '--json', ...args], {
      env: { ...process.env, PARLEY_HOME: this.home, PARLEY_SERVER: this.server, ...env },
      cwd: this.#folder,
      stdio: ['ignore', stdout, 'pipe'],
    })
  }
}

/** A run of the command that goes on. */
export class RunningCommand {
  readonly lines: Line[] = []
  readonly ended: Promise<Ended>
  readonly #child: ChildProcess
  #stdout = ''
  #stderr = ''
  #rest = ''

  constructor(child: ChildProcess) {
    this.#child = child
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#take(text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text))
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code) => {
        resolve({ code, stdout: this.#stdout, stderr: this.#stderr, lines: this.lines })
      })
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Ctrl-C, and how it ended. */
  stop(): Promise<Ended> {
    this.#child.kill('SIGINT')
    return this.ended
  }

  /** The first line that fits, waiting for it. */
  until(fits: (line: Line) => boolean, timeoutMs = 15_000): Promise<Line> {
    return eventually(
      () => {
        const found = this.lines.find(fits)
        if (found) return found
        throw new Error(`no such line among ${this.lines.length}; stderr: ${this.#stderr}`)
      },
      { timeoutMs },
    )
  }

  #take(text: string): void {
    this.#stdout += text
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) if (line.startsWith('{')) this.lines.push(JSON.parse(line) as Line)
  }
}

/** What an entry on a JSON line says. */
export function contentOf(line: Line): Readonly<Record<string, unknown>> {
  return (line['content'] as Record<string, unknown> | undefined) ?? {}
}
