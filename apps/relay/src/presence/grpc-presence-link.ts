import type { Bus } from '@parley/bus'
import { keyMetadata, openClient, serviceKeyHeader } from '@parley/grpc-kit'
import { presence as wire } from '@parley/proto'
import type { CloseStack, Logger, Scheduler } from '@parley/service-kit'
import { uuidv7 } from '@parley/service-kit'
import type { Session } from '../session/session.ts'
import type { Journal } from '../store/journal.ts'
import { maxWatched } from '../store/queries/visible-users.ts'
import { Follower } from './follower.ts'
import type { KnownStates, PresenceLink } from './presence-link.ts'
import { Reporter } from './reporter.ts'
import { unknownAvailability, WatchBook } from './watch-book.ts'
import { WatchLists } from './watch-lists.ts'

/** What the link is made of. */
export interface PresenceLinkParts {
  readonly scheduler: Scheduler
  readonly log: Logger
  readonly bus: Bus
  readonly journal: Journal
  /** host:port of presence. */
  readonly address: string
  readonly serviceKey: string
  /** The relay's name, different for each relay. */
  readonly relay: string
}

const [offline, away, online] = [2, 3, 5]
const deadlineMs = 2_000

/** The way to a presence process over gRPC, and to its news over the bus. */
export function openPresenceLink(parts: PresenceLinkParts, closers: CloseStack): PresenceLink {
  const { scheduler, log, bus, journal, relay } = parts
  const metadata = keyMetadata(serviceKeyHeader, parts.serviceKey)
  const peer = openClient(wire.PresenceClient, parts.address, { metadata, deadlineMs })
  closers.push('way to presence', () => peer.close())
  const book = new WatchBook()
  const query = (userIds: readonly Uint8Array[]) =>
    peer.call.query({ userIds: userIds.map((id) => Buffer.from(id)) })
  const follower = new Follower({ bus, book, scheduler, log, ask: query })
  closers.push('presence follower', () => follower.close())
  const lists = new WatchLists(journal, book, follower, scheduler)
  closers.push('watch lists', () => lists.close())
  const reporter = new Reporter({
    scheduler,
    relay,
    bootId: uuidv7(scheduler),
    open: () => peer.client.report(metadata),
    // What was known may be wrong now: it is asked again, and unknown while nobody answers.
    reached: () => void follower.refresh(book.all()),
  })
  closers.push('presence reporter', () => reporter.close())
  const note = (session: Session, state: number, clean: boolean) => {
    const { userId, deviceId } = session.identity
    reporter.note({
      userId: Buffer.from(userId),
      deviceId: Buffer.from(deviceId),
      state: state as wire.State,
      clean,
    })
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
    statesOf: (userIds) => statesOf(query, userIds),
  }
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
