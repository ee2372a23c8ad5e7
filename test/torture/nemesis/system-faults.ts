import { execFile, spawn } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Lets a process open only so many more descriptors; answers how to undo that. */
export async function limitFiles(pid: number, more: number): Promise<() => Promise<void>> {
  const soft = /^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1]
  const limit = readdirSync(`/proc/${pid}/fd`).length + more
  await run('prlimit', ['--pid', String(pid), `--nofile=${limit}:`])
  return async () => {
    // The process may be gone meanwhile.
    await run('prlimit', ['--pid', String(pid), `--nofile=${soft}:`]).catch(() => undefined)
  }
}

/** Makes each sync of a process take so much longer; answers how to undo that. */
export async function slowSyncs(pid: number, delayMs: number): Promise<() => Promise<void>> {
  const syncs = 'fsync,fdatasync'
  const inject = `inject=${syncs}:delay_exit=${delayMs * 1_000}`
  const args = ['-f', '-qq', '-o', '/dev/null', '-p', String(pid), '-e', `trace=${syncs}`]
  const tracer = spawn('strace', [...args, '-e', inject], { stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => {
    tracer.once('error', () => resolve())
    tracer.once('exit', () => resolve())
  })
  return () => {
    tracer.kill('SIGINT')
    return ended
  }
}
