import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

/** What a client process is to do. */
export interface ClientTask {
  readonly home: string
  /** `host:port` of the relay. */
  readonly server: string
  readonly name: string
  readonly password: string
  /** Paths, in the order in which they are begun. */
  readonly files: readonly string[]
  /** How many files are uploaded at once. */
  readonly lanes: number
}

/** What a client process tells of a file. */
export type FromClient =
  | { readonly file: string; readonly receipt: string; readonly fileId: string }
  | { readonly file: string; readonly failure: string }

const program = path.join(import.meta.dirname, 'client-program.ts')

/** The product's client as a process: killed at any moment, it goes on after its next start. */
export class ClientProcess {
  /** What it has uploaded, by path. */
  readonly uploaded = new Map<string, { readonly receipt: string; readonly fileId: string }>()
  readonly failures: string[] = []
  readonly #task: ClientTask
  #child: ChildProcess | undefined

  constructor(task: ClientTask) {
    this.#task = task
  }

  /** Whether every file is uploaded, or was refused. */
  get isDone(): boolean {
    return this.uploaded.size + this.failures.length === this.#task.files.length
  }

  /** Begins with what is not uploaded yet. */
  start(): void {
    const files = this.#task.files.filter((file) => !this.uploaded.has(file))
    const child = fork(program, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#child = child
    child.on('message', (message: FromClient) => this.#take(message))
    child.send({ ...this.#task, files } satisfies ClientTask)
  }

  /** Kills it at once; resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    // Also what it told in its last moment is heard.
    const gone = once(child, 'close')
    child.kill('SIGKILL')
    await gone
  }

  #take(message: FromClient): void {
    if ('failure' in message) this.failures.push(`${message.file}: ${message.failure}`)
    else this.uploaded.set(message.file, message)
  }
}
