import type { CloseStack, Scheduler } from '@parley/service-kit'
import { uuidv7 } from '@parley/service-kit'
import type { Events } from '../events.ts'
import { AckBook } from '../hub/ack-book.ts'
import { Flusher } from '../hub/flusher.ts'
import { Hub } from '../hub/hub.ts'
import type { HubEvents } from '../hub/hub.ts'
import { ReadCounts } from '../hub/read-counts.ts'
import { SendRates } from '../hub/send-rates.ts'
import { startPeers } from '../peers/peers.ts'
import type { PeersParts } from '../peers/peers.ts'
import { ProfileNews } from '../hub/profile-news.ts'
import type { PresenceLink } from '../presence/presence-link.ts'
import { CommitQueue } from '../store/commit-queue.ts'
import type { Waiter } from '../store/commit-queue.ts'
import type { Journal, Outcome } from '../store/journal.ts'
import type { SendAnswer } from '../commands/send-input.ts'
import type { UpgradeBoard } from '../upgrades/upgrade-board.ts'
import { blockLooks } from './block-looks.ts'
import { Connections } from './connections.ts'
import type { Engine, Greeting, ReceiptCheck, TokenCheck } from './engine.ts'
import type { Peers } from './peers.ts'
import { withdrawAll } from './mention-direct.ts'
import { placeLoads } from './place-loads.ts'
import { SendSlot } from './send-slot.ts'
import type { Session } from './session.ts'
import { vouch } from './vouch.ts'

/** What an engine is made of. */
export interface EngineParts {
  readonly scheduler: Scheduler
  readonly journal: Journal
  readonly events: Events
  readonly greeting: Greeting
  readonly sendsPerSecond: number
  readonly sendBurst: number
  readonly tokens: TokenCheck
  readonly receipts: ReceiptCheck
  readonly presence: PresenceLink
  readonly upgrades?: UpgradeBoard
  /** The way to other relays on the same store; none for a relay that has its store to itself. */
  readonly peers?: PeersParts | undefined
}

/** The engine behind every dialect, and all streams of it. */
export interface RunningEngine {
  readonly engine: Engine
  readonly connections: Connections
}

/** Puts sessions, hub and store together. */
export function startEngine(parts: EngineParts, closers: CloseStack): RunningEngine {
  const { scheduler, journal, events, presence, tokens } = parts
  const hub: Hub = new Hub(hubEvents(parts, () => ({ peers, load, lookAtBlocks, profiles, left })))
  const alone = parts.peers === undefined
  const store = alone ? journal : listened(journal, () => peers?.unresolved())
  const commits = new CommitQueue(store, scheduler, (outcome, waiter) => {
    hub.apply(outcome.effects, waiter instanceof SendSlot ? waiter.session : undefined)
    if (peers !== undefined) tellPeers(peers, outcome, waiter)
  })
  closers.push('commit queue', () => commits.close())
  const acks = new AckBook(commits, scheduler)
  closers.push('ack book', () => acks.close())
  const readCounts = new ReadCounts({ hub, journal, scheduler })
  closers.push('read counts', () => readCounts.close())
  const profiles = new ProfileNews({ hub, presence, journal, scheduler })
  closers.push('profile news', () => profiles.close())
  const flusher = new Flusher(scheduler)
  const failed = (session: Session, error: unknown) => {
    events.sessionFailed(session.identity.userId, error)
    session.destroy()
  }
  const side = { ...parts, hub, failed, engine: () => engine }
  const peers: Peers | undefined = parts.peers && startPeers(parts.peers, side, closers)
  const engine: Engine = {
    scheduler,
    journal,
    events,
    hub,
    commits,
    acks,
    presence,
    peers,
    readCounts,
    rates: new SendRates(parts.sendsPerSecond, parts.sendBurst),
    tokens,
    receipts: parts.receipts,
    greeting: parts.greeting,
    upgrades: parts.upgrades,
    sessions: {
      scheduler,
      journal,
      events,
      budget: { usedBytes: 0 },
      newId: () => uuidv7(scheduler),
      vouch: peers && ((session) => (place) => vouch({ hub, journal }, session, place)),
      flushSoon: (session) => flusher.add(session),
    },
  }
  const load = placeLoads(engine, failed)
  const left = (session: Session) => withdrawAll(engine, session)
  const lookAtBlocks = blockLooks(engine, failed)
  const connections = new Connections(engine)
  closers.push('connections', () => connections.close())
  return { engine, connections }
}

/** What the hub tells and what is made after it. */
interface Later {
  readonly peers: Peers | undefined
  readonly load: HubEvents['mustLoad']
  readonly lookAtBlocks: HubEvents['contactsChanged']
  readonly profiles: ProfileNews
  readonly left: (session: Session) => void
}

function hubEvents({ presence, tokens }: EngineParts, later: () => Later): HubEvents {
  return {
    sessionCame(session) {
      presence.came(session)
      later().peers?.sessionCame(session)
    },
    sessionWent(session, clean) {
      presence.went(session, clean)
      later().peers?.sessionWent(session)
    },
    deviceLeft: (session) => later().left(session),
    audienceCame: (followed) => later().peers?.audienceCame(followed),
    audienceWent: (followed) => later().peers?.audienceWent(followed),
    visibilityChanged: (user) => presence.visibilityChanged(user),
    contactsChanged: (user) => later().lookAtBlocks(user),
    profileChanged: (user) => later().profiles.changed(user),
    loginEnded: (login) => tokens.ended(login.login),
    mustLoad: (session, conversation) => later().load(session, conversation),
  }
}

/** The same journal; `unresolved` hears when it is not known what became of commands. */
function listened(journal: Journal, unresolved: () => void): Journal {
  return {
    async commit(batch) {
      try {
        const outcomes = await journal.commit(batch)
        if (outcomes.length < batch.length) unresolved()
        return outcomes
      } catch (error) {
        unresolved()
        throw error
      }
    },
    readLog: (...range) => journal.readLog(...range),
    ask: (name, args) => journal.ask(name, args),
    close: () => journal.close(),
  }
}

function tellPeers(peers: Peers, outcome: Outcome & { ok: true }, waiter: Waiter | undefined) {
  peers.committed(outcome.effects)
  if (!outcome.duplicate || !(waiter instanceof SendSlot)) return
  const { conversation, seq } = outcome.answer as SendAnswer
  peers.repeated(conversation, seq)
}
