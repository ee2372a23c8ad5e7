import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Env } from '@parley/service-kit'
import { onTestFinished } from 'vitest'

/** Starts a file server as a process of its own; it is killed when the test is over. */
export async function startProcess(env: Env) {
  const main = path.join(import.meta.dirname, '../main.ts')
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => kill(child))
  for await (const line of createInterface({ input: child.stdout })) {
    const { addresses } = JSON.parse(line) as { addresses: { public: string } }
    return { process: child, root: `http://${addresses.public}` }
  }
  throw new Error('the file server did not start')
}

/** Kills a process at once; resolves when it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}
