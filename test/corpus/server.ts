import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { systemScheduler, within } from '@parley/service-kit'
import { recordingLogger } from '@parley/testkit'
import {
  relayForProcess,
  startServerProcess,
} from '../../apps/img-server/src/testing/server-process.ts'
import type { Door } from './attempt.ts'
import { watchMemory } from './memory-watch.ts'
import type { MemoryPeaks } from './memory-watch.ts'

/** An image server as it is deployed, and what was seen of it. */
export interface WatchedServer {
  readonly pid: number
  /** The server as this user sees it. */
  door(userId: string): Door
  /** Whether its process lives and says that it is well. */
  isWell(): Promise<boolean>
  /** Ends it, and tells how it ended, what it logged how often, and what it held at most. */
  stop(): Promise<ServerEnd>
  /** Ends it whatever it does; does nothing when it has ended. */
  kill(): Promise<void>
}

/** What was seen of a server from its start to its end. */
export interface ServerEnd {
  /** Empty unless it ended before it was asked to, or did not end well. */
  readonly crashes: readonly string[]
  /** What it logged as an error. */
  readonly errors: readonly string[]
  readonly logged: Readonly<Record<string, number>>
  readonly peaks: MemoryPeaks
}

const errorLevel = 50
const stopLimitMs = 60_000

/** Starts an image server of its own process with a fresh data folder inside `folder`. */
export async function startWatchedServer(folder: string): Promise<WatchedServer> {
  await mkdir(folder, { recursive: true })
  const relay = await relayForProcess(folder, recordingLogger().log)
  const { child, url, stderr } = await startServerProcess(relay.env, () => undefined)
  const log = readLog(createInterface({ input: stderr }))
  const pid = child.pid ?? 0
  const memory = watchMemory(pid)
  const ended = once(child, 'exit')
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  const how = () => `the server ended with ${child.signalCode ?? child.exitCode}`
  return {
    pid,
    door: (userId) => ({ url, ticket: relay.ticket, token: () => relay.token(userId) }),
    async isWell() {
      if (hasEnded()) return false
      const answer = await fetch(`${url}/healthz`).catch(() => undefined)
      return answer?.status === 200
    },
    async kill() {
      if (hasEnded()) return
      child.kill('SIGKILL')
      await ended
    },
    async stop() {
      const crashes = hasEnded() ? [`${how()} before it was stopped`] : []
      const peaks = await memory.stop()
      child.kill('SIGTERM')
      await within(systemScheduler, stopLimitMs, 'the end of the server', ended).catch(() => {
        crashes.push('the server did not end when it was told to')
        child.kill('SIGKILL')
      })
      if (crashes.length === 0 && child.exitCode !== 0) crashes.push(how())
      await relay.close()
      return { crashes, errors: log.errors, logged: log.counts, peaks }
    },
  }
}

function readLog(lines: AsyncIterable<string>) {
  const counts: Record<string, number> = {}
  const errors: string[] = []
  const read = async () => {
    for await (const line of lines) {
      const { level = errorLevel, msg = line, why } = parsed(line)
      const words = why === undefined ? msg : `${msg} (${why})`
      counts[words] = (counts[words] ?? 0) + 1
      if (level >= errorLevel) errors.push(`the server logged: ${line.slice(0, 500)}`)
    }
  }
  void read()
  return { counts, errors }
}

/** A line that is no JSON is the last word of something that fell. */
function parsed(line: string): { level?: number; msg?: string; why?: string } {
  try {
    return JSON.parse(line) as { level: number; msg: string; why?: string }
  } catch {
    return {}
  }
}
