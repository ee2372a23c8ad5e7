import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import path from 'node:path'
import { eventually } from '@parley/testkit'
import { onTestFinished } from 'vitest'

/** A program may start beside many others. */
const patience = { timeoutMs: 120_000 }
const root = path.resolve(import.meta.dirname, '../..')

/** A program of this project in a namespace; what it prints is kept by line. */
export class Program {
  readonly lines: string[] = []
  readonly ended: Promise<number | null>
  readonly #child: ChildProcess
  #errors = ''

  constructor(namespace: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    const command = ['netns', 'exec', namespace, process.execPath, ...args]
    this.#child = spawn('ip', command, { cwd: root, env: { ...process.env, ...env } })
    let rest = ''
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n')
      rest = parts.pop() ?? ''
      this.lines.push(...parts)
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#errors += text))
    this.ended = new Promise((resolve) => this.#child.once('close', resolve))
    onTestFinished(async () => {
      this.#child.kill('SIGTERM')
      await this.ended
    })
  }

  get errors(): string {
    return this.#errors
  }

  tell(line: string): void {
    this.#child.stdin?.write(`${line}\n`)
  }

  /** The first line in JSON that has this field. */
  async told(field: string): Promise<unknown> {
    return eventually(() => {
      const found = this.lines.map((line) => JSON.parse(line) as Record<string, unknown>)
      const value = found.find((each) => field in each)?.[field]
      if (value !== undefined) return value
      throw new Error(`no "${field}" among: ${this.lines.join(' / ')} ${this.#errors}`)
    }, patience)
  }
}
