import { AppError } from '@parley/errors'
import { delay } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import type { KnownPeers } from './known-peers.ts'
import type { Lan } from './lan.ts'
import { foldedName } from './lan-name.ts'
import type { Peer } from './peers.ts'
import { choosePeer } from './standing.ts'
import type { Standing } from './standing.ts'

// Longer than the longest pause between two announcements; for somebody who was not heard, two of those.
const lookMs = 3_000
const nobodyMs = 6_000
const everyMs = 50

/** Somebody who was found. */
export interface Found {
  readonly peer: Peer
  readonly standing: Standing
}

/** What looking needs. */
export interface Looking {
  readonly lan: Pick<Lan, 'peers'>
  readonly known: KnownPeers
  readonly scheduler: Scheduler
}

/**
 * Waits for the one that a name or a fingerprint means. Who is known answers at once; a name that is
 * new here could be that of two, so all are awaited. Throws `AppError`: (not-found, NO_SUCH_PEER),
 * (conflict, AMBIGUOUS_PEER), (forbidden, PEER_CHANGED).
 */
export async function findPeer(asked: string, { lan, known, scheduler }: Looking): Promise<Found> {
  const beganMs = scheduler.monotonic()
  const all = await known.all()
  for (;;) {
    const choice = choosePeer(asked, lan.peers, all)
    const lookedMs = scheduler.monotonic() - beganMs
    const isLast = lookedMs >= (choice.kind === 'nobody' ? nobodyMs : lookMs)
    if (choice.kind === 'chosen' && (isLast || isSure(choice, asked))) return choice
    if (choice.kind === 'unclear' && isLast) throw choice.why
    if (isLast) throw nobody(asked)
    await delay(scheduler, everyMs)
  }
}

function isSure({ peer, standing }: Found, asked: string): boolean {
  return standing === 'trusted' || standing === 'known' || !isSameName(peer.name, asked)
}

// Asked for by fingerprint: there is only one.
function isSameName(name: string, asked: string): boolean {
  return foldedName(name) === foldedName(asked.replace(/^@/u, ''))
}

function nobody(asked: string): AppError {
  return new AppError('not-found', 'NO_SUCH_PEER', `nobody called ${asked} is in this network`)
}
