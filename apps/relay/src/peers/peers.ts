import { subjects } from '@parley/bus'
import type { Bus } from '@parley/bus'
import type { CloseStack } from '@parley/service-kit'
import type { Hub } from '../hub/hub.ts'
import type { Engine } from '../session/engine.ts'
import type { Peers } from '../session/peers.ts'
import type { Session } from '../session/session.ts'
import { noEffects } from '../store/journal.ts'
import { HeadsCheck } from './heads-check.ts'
import { Interest } from './interest.ts'
import { Positions } from './positions.ts'
import { Publisher } from './publisher.ts'
import { Receiver } from './receiver.ts'
import { Reorder } from './reorder.ts'
import { ReplayGuard } from './replay-guard.ts'
import { Revocations } from './revocations.ts'
import { Rounds } from './rounds.ts'
import { groupSubject, Routes, userSubject } from './routes.ts'
import { newsKey, openNews } from './sealed-news.ts'
import { Standings } from './standings.ts'
import { Turns } from './turns.ts'

/** What a relay needs to have peers. */
export interface PeersParts {
  readonly bus: Bus
  /** Of this start of the relay. */
  readonly bootId: Uint8Array
  /** The key that all relays share. */
  readonly internalKey: string
}

/** What peers need of the engine they belong to. */
export interface PeersSide extends Pick<Engine, 'hub' | 'journal' | 'scheduler' | 'events'> {
  readonly engine: () => Engine
  readonly failed: (session: Session, error: unknown) => void
}

/** What listens, tells and compares. */
interface Parts {
  readonly hub: Hub
  readonly publisher: Publisher
  readonly reorder: Reorder
  readonly positions: Positions
  readonly interest: Interest
  readonly heads: HeadsCheck
  readonly rounds: Rounds
  readonly turns: Turns
}

/** Begins to listen to the other relays. */
export function startPeers(given: PeersParts, side: PeersSide, closers: CloseStack): Peers {
  const { bus, bootId, internalKey } = given
  const { scheduler, hub, journal, events } = side
  const key = newsKey(internalKey)
  const reorder = new Reorder(hub, scheduler)
  closers.push('reorder', () => reorder.close())
  const positions = new Positions()
  const returned = () => rounds.now()
  const tell = (session: Session) => tellSession(publisher, session)
  const turns = new Turns({ ...side, commits: () => side.engine().commits, tell })
  const receiver = new Receiver({ reorder, positions, turns, returned, engine: side.engine })
  const guard = new ReplayGuard()
  const hear = (payload: Uint8Array, subject: string) => {
    const news = openNews(key, subject, payload)
    const known = news && guard.hear(news.bootId, news.number)
    if (news !== undefined && known === 'new') receiver.take(news)
    else if (known !== 'heard') heads.doubt(subject, () => interest.concernedBy(subject))
  }
  const refused = (subject: string, error: unknown) => events.subjectRefused(subject, error)
  const interest = new Interest({ bus, scheduler, hear, refused })
  closers.push('interest', () => interest.close())
  const heads = new HeadsCheck({ hub, journal, scheduler, ready: () => interest.ready() })
  closers.push('heads check', () => heads.close())
  const rounds = new Rounds({ ...side, heads, standings: standings(side) })
  closers.push('rounds', () => rounds.close())
  const revocations = new Revocations({ hub, journal, scheduler })
  closers.push('revocations', () => revocations.close())
  const publisher = new Publisher({ bus, scheduler, routes: new Routes(journal), key, bootId })
  interest.acquire(subjects.relays(), () => [])
  const returns = bus.onReconnect(() => {
    rounds.now()
    publisher.tell({ subject: subjects.relays() }, { is: 'returned' })
  })
  closers.push('bus returns', () => returns.close())
  return peers({ hub, publisher, reorder, positions, interest, heads, rounds, turns })
}

function standings({ hub, journal, engine }: PeersSide): Standings {
  return new Standings({
    journal,
    users: () => [...hub.users(), ...engine().presence.watched()],
    contactsChanged: (user) => hub.apply({ ...noEffects, contacts: [user] }, undefined),
    visibilityChanged: (user) => engine().presence.visibilityChanged(user),
  })
}

const group = 2

function peers(parts: Parts): Peers {
  const { hub, publisher, reorder, positions, interest, heads, rounds, turns } = parts
  return {
    ready: () => interest.ready(),
    entered: (conversations) => heads.entered(conversations),
    takeTurn: (session) => turns.take(session),
    welcomed: (session) => tellSession(publisher, session),
    sessionCame({ identity: { user, userId } }) {
      interest.acquire(userSubject(userId), () => ownConversations(hub, user))
    },
    sessionWent: ({ identity }) => interest.release(userSubject(identity.userId)),
    audienceCame({ kind, publicId, conversation }) {
      if (kind === group) interest.acquire(groupSubject(publicId), () => [conversation])
    },
    audienceWent({ kind, publicId }) {
      if (kind === group) interest.release(groupSubject(publicId))
    },
    committed(effects) {
      publisher.effects(effects)
      for (const { conversation } of effects.entries) reorder.caughtUp(conversation)
    },
    repeated(conversation, seq) {
      if (hub.headOf(conversation) >= seq) return
      hub.heard(conversation, seq)
      publisher.tell({ conversation }, { is: 'head', conversation, seq })
    },
    unresolved: () => rounds.unresolved(),
    position(position) {
      const isNews = positions.isNews(position)
      const to = { conversation: position.conversation }
      if (isNews) publisher.tell(to, { is: 'position', position })
      return isNews
    },
    readersMoved: (conversation) => publisher.tell({ conversation }, { is: 'read', conversation }),
    typing: (typing) =>
      publisher.tell({ conversation: typing.conversation }, { is: 'typing', typing }),
    direct: (word) => publisher.tell({ conversation: word.conversation }, { is: 'direct', word }),
  }
}

function tellSession(publisher: Publisher, { isOver, identity }: Session): void {
  const { user, userId, device } = identity
  if (!isOver) publisher.tell({ subject: userSubject(userId) }, { is: 'session', user, device })
}

/** The conversations of a user that no group subject speaks of. */
function ownConversations(hub: Hub, user: number): number[] {
  const own = new Set<number>()
  for (const { places } of hub.sessionsOf(user)) {
    for (const { kind, conversation } of places.values()) if (kind !== group) own.add(conversation)
  }
  return [...own]
}
