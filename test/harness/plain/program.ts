import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'

/** A program that somebody sits before: bytes are typed into it, lines come out of it. */
export class Program {
  /** Resolves when it has ended, and every line of it has come. */
  readonly ended: Promise<void>
  readonly #child: ChildProcess
  #rest = ''

  constructor(command: string, args: readonly string[], hear: (line: string) => void) {
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.#rest + text).split('\n')
      this.#rest = lines.pop() ?? ''
      for (const line of lines) hear(line)
    })
    // Whoever types when it has ended sees that by its end.
    this.#child.stdin?.on('error', () => undefined)
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject)
      this.#child.once('close', () => {
        this.#child.stdin?.destroy()
        resolve()
      })
    })
  }

  type(bytes: Uint8Array): void {
    this.#child.stdin?.write(bytes)
  }

  /** Ends it at once, and with it its connection. */
  kill(): void {
    this.#child.kill('SIGKILL')
  }
}
