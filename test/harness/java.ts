import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { eventually } from '@parley/testkit'

const sources = path.resolve(import.meta.dirname, '../java')
const compileLimitMs = 300_000
/** A machine of Java may start beside many other programs. */
const patience = { timeoutMs: 120_000 }
const jdk = { compiler: 'javac', machine: 'java' } as const

/** True without a JDK, which is said aloud; with CI=true it must be there. */
export function isJavaMissing(what: string): boolean {
  const missing = Object.values(jdk).filter((name) => !isOnPath(name))
  if (missing.length === 0) return false
  const why = `${missing.join(' and ')} is not installed (Debian: default-jdk-headless)`
  if (process.env['CI'] === 'true') throw new Error(`${what} must not be skipped here, but ${why}`)
  process.stderr.write(`SKIPPED: ${what}: ${why}\n`)
  return true
}

/** Compiles these folders of test/java into a folder. */
export async function compileJava(into: string, ...folders: readonly string[]): Promise<void> {
  const files = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(path.join(sources, folder))
      return names.map((name) => path.join(sources, folder, name))
    }),
  )
  const args = ['-encoding', 'UTF-8', '-d', into, ...files.flat()]
  await promisify(execFile)(jdk.compiler, args, { timeout: compileLimitMs })
}

/** What runs the Java client of the series, compiled into this folder. */
export function javaCommand(
  classes: string,
  args: readonly string[],
): readonly [string, ...string[]] {
  const tuned = ['-Xshare:auto', '-XX:TieredStopAtLevel=1', '-Xmx128m']
  return [jdk.machine, ...tuned, '-cp', classes, 'qqclient.QQView', ...args]
}

/** The Java client of the series, running: lines go in, and come out. */
export class JavaProgram {
  readonly lines: string[] = []
  readonly ended: Promise<number | null>
  readonly #child: ChildProcess
  #rest = ''
  #errors = ''

  constructor(classes: string, args: readonly string[]) {
    const [machine, ...all] = javaCommand(classes, args)
    this.#child = spawn(machine, all)
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#take(text))
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#errors += text))
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject)
      this.#child.once('close', resolve)
    })
  }

  /** What it has said beside what it shows: stack traces. */
  get errors(): string {
    return this.#errors
  }

  type(line: string): this {
    this.#child.stdin?.write(`${line}\n`)
    return this
  }

  /** Waits for a line that ends so. */
  shows(end: string): Promise<string> {
    return eventually(() => {
      const found = this.lines.find((line) => line.endsWith(end))
      if (found !== undefined) return found
      throw new Error(`no line ends with "${end}": ${this.lines.join(' / ')} ${this.#errors}`)
    }, patience)
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    this.lines.push(...lines)
  }
}

function isOnPath(name: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter)
  return folders.some((folder) => {
    try {
      accessSync(path.join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
