import { chat } from '@parley/proto'
import type { ConversationView } from '../client-events.ts'
import { idText } from '../ids.ts'
import type { StoredConversation } from '../state/local-state.ts'

/** A run of entries whose numbers follow one another. */
export interface Run {
  readonly firstSeq: number
  readonly entries: readonly chat.Entry[]
}

/** The most entries of this session's own that wait for what lies before them. */
export const maxOwnWaiting = 1_000

/** Where one conversation's log stands on this device: pure, it neither stores nor asks. */
export class ConversationLog {
  view: ConversationView
  epoch: number
  /** The last stored number. */
  seq: number
  /** Known to exist, but not here yet, up to this number. */
  wantedSeq: number
  // Accepted sends of this session, which the server spares it, by number.
  readonly #own = new Map<number, chat.Entry>()

  constructor(stored: StoredConversation) {
    const { epoch, seq, ...view } = stored
    this.view = view
    this.epoch = epoch
    this.seq = seq
    this.wantedSeq = seq
  }

  get isBehind(): boolean {
    return this.wantedSeq > this.seq
  }

  /** Hears of entries up to `seq`. */
  want(seq: number): void {
    this.wantedSeq = Math.max(this.wantedSeq, seq)
  }

  /**
   * Takes a run: answers what of it is new, and moves on; nothing while something before it is
   * missing, and nothing for what is here already.
   */
  take(run: Run): Run | undefined {
    const lastSeq = run.firstSeq + run.entries.length - 1
    this.want(lastSeq)
    if (run.firstSeq > this.seq + 1 || lastSeq <= this.seq) return undefined
    const firstSeq = this.seq + 1
    const entries = run.entries.slice(firstSeq - run.firstSeq)
    this.seq = lastSeq
    return { firstSeq, entries }
  }

  /** Passes over numbers that will never come; false when they are passed already or too far. */
  skip(from: number, to: number): boolean {
    this.want(to)
    if (to <= this.seq || from > this.seq + 1) return false
    this.seq = to
    return true
  }

  /** Keeps an accepted send of this session until its turn; without its words it must be asked for. */
  own(seq: number, entry: chat.Entry | undefined): void {
    if (seq <= this.seq) return
    this.want(seq)
    if (entry && this.#own.size < maxOwnWaiting) this.#own.set(seq, entry)
  }

  /** The own entries whose turn it is. */
  takeOwn(): Run | undefined {
    if (this.#own.size === 0) return undefined
    for (const seq of this.#own.keys()) if (seq <= this.seq) this.#own.delete(seq)
    const firstSeq = this.seq + 1
    const entries: chat.Entry[] = []
    for (
      let next = this.#own.get(firstSeq);
      next;
      next = this.#own.get(firstSeq + entries.length)
    ) {
      entries.push(next)
    }
    if (entries.length === 0) return undefined
    for (let index = 0; index < entries.length; index += 1) this.#own.delete(firstSeq + index)
    this.seq += entries.length
    return { firstSeq, entries }
  }

  /** Begins anew under another epoch. */
  rewind(epoch: number): void {
    this.epoch = epoch
    this.seq = 0
    this.wantedSeq = 0
    this.#own.clear()
  }
}

/** A conversation of which nothing is known yet. */
export function blankConversation(conversationId: string, epoch: number): StoredConversation {
  const kind = chat.ConversationKind.UNSPECIFIED
  return { conversationId, kind, title: '', peerId: '', peerName: '', epoch, seq: 0 }
}

/** What the server says of a conversation. */
export function viewOf(conversationId: string, info: chat.ConversationInfo): ConversationView {
  const { kind, title, peerName } = info
  return { conversationId, kind, title, peerId: idText(info.peerId), peerName }
}

/** A group's new title, where an entry brings one. */
export function titleIn(entry: chat.Entry): string | undefined {
  const content = entry.content?.content
  if (content?.$case !== 'membership') return undefined
  const { change, title } = content.value
  const titled: readonly number[] = [chat.Membership_Change.CREATED, chat.Membership_Change.RENAMED]
  return titled.includes(change) && title !== '' ? title : undefined
}
