import type { Bus } from '@parley/bus'
import { keyMetadata, openClient, serviceKeyHeader } from '@parley/grpc-kit'
import { presence as wire } from '@parley/proto'
import type { CloseStack, Logger, Scheduler } from '@parley/service-kit'
import { uuidText } from '@parley/service-kit'
import type { Session } from '../session/session.ts'
import type { Journal } from '../store/journal.ts'
import { maxWatched } from '../store/queries/visible-users.ts'
import { Follower } from './follower.ts'
import type { KnownStates, PresenceLink } from './presence-link.ts'
import { PresenceProcesses } from './presence-processes.ts'
import type { PresenceProcess } from './presence-processes.ts'
import { Reporter } from './reporter.ts'
import { unknownAvailability, WatchBook } from './watch-book.ts'
import { WatchLists } from './watch-lists.ts'

/** What the link is made of. */
export interface PresenceLinkParts {
  readonly scheduler: Scheduler
  readonly log: Logger
  readonly bus: Bus
  readonly journal: Journal
  /** host:port of each presence process. */
  readonly addresses: readonly string[]
  readonly serviceKey: string
  /** A new one at each start of the relay, 16 bytes. */
  readonly bootId: Uint8Array
}

const [offline, away, online] = [2, 3, 5]
const deadlineMs = 2_000

/** The way to all presence processes over gRPC, and to the news of one of them over the bus. */
export function openPresenceLink(parts: PresenceLinkParts, closers: CloseStack): PresenceLink {
  const { scheduler, log, bus, journal } = parts
  const peers = parts.addresses.map((address) => openPeer(parts, address, closers))
  const book = new WatchBook()
  // What was known may be wrong now: it is asked again, and unknown while nobody answers.
  const processes = new PresenceProcesses(peers, log, () => void follower.refresh(book.all()))
  const ask = (userIds: readonly Uint8Array[]) => processes.ask(userIds)
  const follower = new Follower({ bus, book, scheduler, log, ask })
  closers.push('presence follower', () => follower.close())
  const lists = new WatchLists(journal, book, follower, scheduler)
  closers.push('watch lists', () => lists.close())
  const reporters = peers.map((peer) => startReporter(parts, peer, processes, closers))
  const note = (session: Session, state: number, clean: boolean) => {
    const { userId, deviceId } = session.identity
    const ids = { userId: Buffer.from(userId), deviceId: Buffer.from(deviceId) }
    for (const reporter of reporters) reporter.note({ ...ids, state: state as wire.State, clean })
  }
  return {
    came: (session) => note(session, online, false),
    went(session, clean) {
      note(session, offline, clean)
      lists.drop(session)
    },
    setAvailability(session, availability) {
      const isKnown = Number.isInteger(availability) && availability >= away
      if (isKnown && availability <= online && !session.isTransient) {
        note(session, availability, false)
      }
    },
    watch: (session, userIds, contacts) => lists.watch(session, userIds, contacts),
    visibilityChanged: (user) => lists.visibilityChanged(user),
    followed: (user) => book.byNumber(user),
    watched: () => book.all().map(({ user }) => user),
    statesOf: (userIds) => statesOf(ask, userIds),
  }
}

interface Peer extends PresenceProcess {
  openReport(): ReturnType<wire.PresenceClient['report']>
}

function openPeer({ serviceKey }: PresenceLinkParts, address: string, closers: CloseStack): Peer {
  const metadata = keyMetadata(serviceKeyHeader, serviceKey)
  const peer = openClient(wire.PresenceClient, address, { metadata, deadlineMs })
  closers.push('way to presence', () => peer.close())
  return {
    address,
    query: (userIds) => peer.call.query({ userIds: userIds.map((id) => Buffer.from(id)) }),
    openReport: () => peer.client.report(metadata),
  }
}

function startReporter(
  { scheduler, bootId }: PresenceLinkParts,
  peer: Peer,
  processes: PresenceProcesses,
  closers: CloseStack,
): Reporter {
  const reporter = new Reporter({
    scheduler,
    // Process ids repeat between machines; an id of this start does not.
    relay: `relay-${uuidText(bootId)}`,
    bootId,
    open: () => peer.openReport(),
    reached: (isReached) => processes.reached(peer, isReached),
  })
  closers.push('presence reporter', () => reporter.close())
  return reporter
}

async function statesOf(
  query: (userIds: readonly Uint8Array[]) => Promise<wire.QueryResponse>,
  userIds: readonly Uint8Array[],
): Promise<KnownStates> {
  try {
    const pages = []
    for (let at = 0; at < userIds.length; at += maxWatched) {
      pages.push(await query(userIds.slice(at, at + maxWatched)))
    }
    const users = pages.flatMap(({ users, settled }) =>
      users.map(({ userId, state }) => ({
        userId,
        availability: state === offline && !settled ? unknownAvailability : Number(state),
      })),
    )
    return { asOfMs: pages[0]?.asOfMs ?? 0, users }
  } catch {
    // Presence is away: nothing is known.
    return { asOfMs: 0, users: [] }
  }
}
