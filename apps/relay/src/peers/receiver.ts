import { chat } from '@parley/proto'
import type { events } from '@parley/proto'
import { mentionDirect } from '../session/mention-direct.ts'
import { hearPosition } from '../session/mention-position.ts'
import { mentionTyping } from '../session/mention-typing.ts'
import type { Engine } from '../session/engine.ts'
import type { Effects, Stay } from '../store/journal.ts'
import { noEffects } from '../store/journal.ts'
import type { EndedWhy } from '../store/tx.ts'
import type { Positions } from './positions.ts'
import type { Reorder } from './reorder.ts'
import type { Turns } from './turns.ts'

/** Signs of typing and positions are of no use when they are so old, by the clocks of both relays. */
const staleMs = 60_000

/** What receiving needs. */
export interface ReceiverParts {
  readonly reorder: Reorder
  readonly positions: Positions
  readonly turns: Turns
  engine(): Engine
  /** A relay was away from the bus: all heads are to be compared. */
  returned(): void
}

/** Does at this relay what another one's news of its sessions and commands ask for. */
export class Receiver {
  readonly #parts: ReceiverParts

  constructor(parts: ReceiverParts) {
    this.#parts = parts
  }

  /** Takes news of a relay, first what is in the log. */
  take(news: events.RelayNews): void {
    const { hub, scheduler } = this.#parts.engine()
    for (const change of news.changes) this.#change(change)
    for (const { conversation, seq } of news.heads) {
      if (hub.headOf(conversation) < seq) hub.heard(conversation, seq)
    }
    const ended = news.endedLogins.map(({ user, loginId, why }) => {
      return { user, login: loginId, why: why as EndedWhy }
    })
    const { changedContacts: contacts, changedProfiles: profiles } = news
    if (ended.length + contacts.length + profiles.length > 0) {
      hub.apply({ ...noEffects, ended, contacts, profiles }, undefined)
    }
    for (const { user, device } of news.sessions) this.#parts.turns.heard(user, device)
    if (news.returned) this.#parts.returned()
    if (Math.abs(scheduler.now() - news.sentAtMs) < staleMs) this.#ephemeral(news)
  }

  #change({ entries, stays }: events.RelayChange): void {
    const [first] = entries
    if (first !== undefined && entries.length === 1 && stays.length === 0) {
      this.#parts.reorder.take(first)
      return
    }
    const effects: Effects = { ...noEffects, entries, stays: stays.map(stayOf) }
    this.#parts.engine().hub.apply(effects, undefined)
    for (const { conversation } of entries) this.#parts.reorder.caughtUp(conversation)
  }

  #ephemeral({ positions, typing, readConversations, direct }: events.RelayNews): void {
    const engine = this.#parts.engine()
    for (const position of positions) {
      if (this.#parts.positions.isNews(position)) hearPosition(engine, position)
    }
    for (const typist of typing) mentionTyping(engine.hub, undefined, typist)
    for (const { conversation, user, deviceId: toDevice, signal } of direct) {
      const word = { conversation, user, toDevice, signal: chat.DirectSignal.decode(signal) }
      mentionDirect(engine.hub, word)
    }
    for (const conversation of readConversations) {
      const publicId = engine.hub.publicIdOf(conversation)
      if (publicId !== undefined) engine.readCounts.note(conversation, publicId)
    }
  }
}

function stayOf({ conversation, user, joinedSeq, leftSeq }: events.RelayStay): Stay {
  return { conversation, user, joinedSeq, leftSeq }
}
