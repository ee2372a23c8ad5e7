import { chat } from '@parley/proto'
import type { events } from '@parley/proto'
import type { DirectWord, Position, Typing } from '../domain/signals.ts'
import type { Appended, EndedLogin, Stay } from '../store/journal.ts'
import { asBuffer } from './sealed-news.ts'

/** A batch ends at so many bytes of entries, or so many facts. */
export const maxDraftBytes = 128 * 1024
export const maxDraftFacts = 1_000
/** A change of more bytes travels without its entries: whoever hears of it reads the log. */
export const maxChangeBytes = 128 * 1024
/** What a stay takes at most, but for numbers that no database reaches. */
const stayBytes = 32

/** One thing to tell the other relays. */
export type Fact =
  | {
      readonly is: 'change'
      readonly entries: readonly Appended[]
      readonly stays: readonly Stay[]
    }
  | { readonly is: 'head'; readonly conversation: number; readonly seq: number }
  | { readonly is: 'position'; readonly position: Position }
  | { readonly is: 'typing'; readonly typing: Typing }
  | { readonly is: 'read'; readonly conversation: number }
  | { readonly is: 'session'; readonly user: number; readonly device: number }
  | { readonly is: 'login'; readonly login: EndedLogin }
  | { readonly is: 'contacts'; readonly user: number }
  | { readonly is: 'profile'; readonly user: number }
  | { readonly is: 'direct'; readonly word: DirectWord }
  | { readonly is: 'returned' }

/** What gathers in one turn for one subject. */
export class Draft {
  readonly news: Omit<events.RelayNews, 'bootId' | 'number' | 'sentAtMs'> = {
    changes: [],
    heads: [],
    positions: [],
    typing: [],
    readConversations: [],
    sessions: [],
    endedLogins: [],
    changedContacts: [],
    changedProfiles: [],
    direct: [],
    returned: false,
  }
  #bytes = 0
  #facts = 0

  /** It goes out before more is added. */
  get isFull(): boolean {
    return this.#bytes >= maxDraftBytes || this.#facts >= maxDraftFacts
  }

  add(fact: Fact): void {
    this.#facts += 1
    const { news } = this
    switch (fact.is) {
      case 'change':
        return this.#change(fact.entries, fact.stays)
      case 'head':
        return void news.heads.push({ conversation: fact.conversation, seq: fact.seq })
      case 'position': {
        const { userId, ...rest } = fact.position
        return void news.positions.push({ ...rest, userId: asBuffer(userId) })
      }
      case 'typing': {
        const { userId, ...rest } = fact.typing
        return void news.typing.push({ ...rest, userId: asBuffer(userId) })
      }
      case 'read':
        return void news.readConversations.push(fact.conversation)
      case 'session':
        return void news.sessions.push({ user: fact.user, device: fact.device })
      case 'login': {
        const { user, login, why } = fact.login
        return void news.endedLogins.push({ user, loginId: asBuffer(login), why })
      }
      case 'contacts':
        return void news.changedContacts.push(fact.user)
      case 'profile':
        return void news.changedProfiles.push(fact.user)
      case 'direct':
        return void news.direct.push(directOf(fact.word))
      case 'returned':
        news.returned = true
    }
  }

  #change(entries: readonly Appended[], stays: readonly Stay[]): void {
    const bytes = entries.reduce((sum, { entry }) => sum + entry.length, stays.length * stayBytes)
    if (bytes > maxChangeBytes) {
      for (const { conversation, seq } of entries) this.news.heads.push({ conversation, seq })
      return
    }
    this.#bytes += bytes
    this.news.changes.push({
      entries: entries.map(({ conversation, seq, sender, entry }) => {
        return { conversation, seq, sender, entry: asBuffer(entry) }
      }),
      stays: stays.map((stay) => ({ ...stay })),
    })
  }
}

function directOf({ conversation, user, toDevice, signal }: DirectWord): events.RelayDirect {
  const encoded = chat.DirectSignal.encode(signal as chat.DirectSignal).finish()
  return { conversation, user, deviceId: asBuffer(toDevice), signal: asBuffer(encoded) }
}
