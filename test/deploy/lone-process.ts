import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import path from 'node:path'
import { eventually } from '@parley/testkit'
import { onTestFinished } from 'vitest'

const readyLimitMs = 60_000

/** The line by which a service says that it is up. */
interface Ready {
  readonly addresses: Readonly<Record<string, string>>
}

/** A service that runs from a package of its own, with nothing of this checkout or of its environment. */
export class LoneProcess {
  readonly #child: ChildProcess
  readonly #ended: Promise<number | null>
  stdout = ''
  stderr = ''

  constructor(service: string, folder: string, env: Readonly<Record<string, string>>) {
    const main = path.join('apps', service, 'src/main.ts')
    const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe']
    const child = spawn(process.execPath, [main], { cwd: folder, env, stdio })
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text))
    this.#ended = new Promise((resolve) => child.once('close', resolve))
    this.#child = child
    onTestFinished(async () => {
      child.kill('SIGKILL')
      await this.#ended
    })
  }

  /** Its addresses, as soon as it has said them. */
  async ready(): Promise<Ready['addresses']> {
    await eventually(() => this.stdout.includes('\n') || this.#hasEnded(), {
      timeoutMs: readyLimitMs,
    })
    if (this.#hasEnded()) throw new Error(`it did not start: ${this.stderr}`)
    return (JSON.parse(this.stdout) as Ready).addresses
  }

  /** Stops it as a supervisor does; the exit code. */
  stop(): Promise<number | null> {
    this.#child.kill('SIGTERM')
    return this.#ended
  }

  /** What it has logged that somebody should look at, by its words. */
  complaints(): string[] {
    const lines = this.stderr.split('\n').filter((line) => line !== '')
    const logged = lines.map((line) => JSON.parse(line) as { level: number; msg: string })
    return logged.filter(({ level }) => level >= 40).map(({ msg }) => msg)
  }

  #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }
}
