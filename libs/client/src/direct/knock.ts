import { createHash } from 'node:crypto'
import { openPath } from '@parley/direct'
import type { DatagramPath, Endpoint, KeyPair } from '@parley/direct'
import { chat } from '@parley/proto'
import type { Scheduler } from '@parley/service-kit'
import { hostOf } from './candidates.ts'
import type { UdpFront } from './udp-front.ts'

/** Both knock at the same time only about: each waits for the other a little longer than that. */
const knockWithinMs = 6_000
const { UDP } = chat.DirectTransport

/** Who knocks at whom. */
export interface Knocking {
  readonly me: KeyPair
  readonly front: UdpFront
  readonly signal: chat.DirectSignal
  readonly purpose: string
  /** This device has the lower id of the two: it speaks first. */
  readonly isLower: boolean
  readonly scheduler: Scheduler
  /** Gives it up, and the way that was found. */
  readonly abort: AbortSignal
}

/** Looks for a way over UDP to the device that a signal is of; undefined when there is none. */
export async function knock(knocking: Knocking): Promise<DatagramPath | undefined> {
  const { me, front, signal, purpose, isLower, scheduler, abort } = knocking
  const candidates = udpOf(signal.candidates)
  if (candidates.length === 0) return undefined
  const role = isLower ? 'initiator' : 'responder'
  const session = sessionOf(me.publicKey, signal.publicKey)
  const limits = { openMs: knockWithinMs }
  const peer = { candidates, expect: signal.publicKey, role, session, signal: abort } as const
  const { socket } = front
  return openPath({ socket, me, purpose, limits, scheduler, ...peer }).catch(() => undefined)
}

function udpOf(candidates: readonly chat.DirectCandidate[]): Endpoint[] {
  return candidates.flatMap((candidate) => {
    const to = hostOf(candidate, UDP)
    // The socket speaks IPv4 alone.
    return to === undefined || to.host.includes(':') ? [] : [{ address: to.host, port: to.port }]
  })
}

/** A secret of the two: nobody else was told both keys but the server. */
function sessionOf(one: Uint8Array, other: Uint8Array): Buffer {
  const keys = [Buffer.from(one), Buffer.from(other)].toSorted((a, b) => Buffer.compare(a, b))
  const hash = createHash('sha256').update('parley direct session\n')
  for (const key of keys) hash.update(key)
  return hash.digest().subarray(0, 16)
}
