import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { chat } from '@parley/proto'
import type { Scheduler } from '@parley/service-kit'
import { hostOf, maxCandidates } from './candidates.ts'

/** How long one address may take to answer. */
const connectWithinMs = 1_000

/** Tries the addresses of a device one after another; undefined when none answers. */
export async function callFirst(
  candidates: readonly chat.DirectCandidate[],
  scheduler: Scheduler,
  isOver: () => boolean,
): Promise<Socket | undefined> {
  for (const candidate of candidates.slice(0, maxCandidates)) {
    if (isOver()) return undefined
    const to = hostOf(candidate)
    const socket = to && (await dial(to, scheduler))
    if (socket) return socket
  }
  return undefined
}

function dial(to: { host: string; port: number }, scheduler: Scheduler) {
  return new Promise<Socket | undefined>((resolve) => {
    const socket = connect({ ...to, noDelay: true })
    const late = scheduler.setTimer(connectWithinMs, () => done(undefined))
    const done = (found: Socket | undefined) => {
      late.cancel()
      if (!found) socket.destroy()
      resolve(found)
    }
    // It stays, for an error that comes before somebody else listens.
    socket.on('error', () => done(undefined))
    socket.once('connect', () => done(socket))
  })
}
