import { systemScheduler } from '@parley/service-kit'
import type { EventLine } from '../output.ts'
import { KnownPeers } from './known-peers.ts'
import { changeLine, messageLine } from './lan-lines.ts'
import { idOf } from './peers.ts'
import type { PeerChange } from './peers.ts'
import { ShownInLan } from './shown-in-lan.ts'
import { accountOf, standingOf } from './standing.ts'
import type { KnownPeer, NamedKey, Standing } from './standing.ts'
import type { SaidMessage } from './talk.ts'

/** Where a room shows what happens; resolves when it was shown. */
export type ShowLine = (line: EventLine) => Promise<void>

/** Who is here and what they say, with what this device knows of their keys. */
export class LanRoom {
  readonly #known: KnownPeers
  readonly #show: ShowLine
  readonly #shown: ShownInLan
  #all: readonly KnownPeer[]
  // As they stood when they came: who is new stays so until this room closes.
  readonly #standings = new Map<string, Standing>()

  private constructor(home: string, known: KnownPeers, all: readonly KnownPeer[], show: ShowLine) {
    this.#known = known
    this.#shown = new ShownInLan(home)
    this.#all = all
    this.#show = show
  }

  /** A room that knows whom this device has met; `home` is its folder. */
  static async open(home: string, show: ShowLine): Promise<LanRoom> {
    const known = new KnownPeers(home)
    return new LanRoom(home, known, await known.all(), show)
  }

  /** Whom this device knows. */
  get known(): readonly KnownPeer[] {
    return this.#all
  }

  /** Shows who came and went. */
  peer(change: PeerChange): void {
    void this.#show(changeLine(change, this.standingOf(change.peer)))
  }

  /** Remembers a proven key. */
  async met(who: NamedKey): Promise<void> {
    const standing = await this.#known.meet(who, systemScheduler.now())
    const id = idOf(who.publicKey)
    if (standing === 'trusted' || !this.#standings.has(id)) this.#standings.set(id, standing)
    this.#all = await this.#known.all()
  }

  /** Shows what somebody said, and remembers it where the relay may tell it again. */
  async show(message: SaidMessage, who: NamedKey): Promise<void> {
    await this.#show(messageLine(message, who, this.standingOf(who)))
    const account = accountOf(who, this.#all)
    if (account !== undefined) await this.#shown.add(account, message)
  }

  /** How somebody stands with this device. */
  standingOf(who: NamedKey): Standing {
    return this.#standings.get(idOf(who.publicKey)) ?? standingOf(who, this.#all)
  }
}
