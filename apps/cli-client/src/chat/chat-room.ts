import { idBytes, idText } from '@parley/client'
import type {
  ClientEvent,
  ConversationView,
  DirectMessage,
  SendOptions,
  SendResult,
  Target,
} from '@parley/client'
import type { chat } from '@parley/proto'
import { systemScheduler, uuidText, uuidv7 } from '@parley/service-kit'
import { availabilityWord, visibleLine } from '@parley/words'
import { conversationName } from '../conversation-line.ts'
import { directLine, directText } from '../direct-lines.ts'
import type { PlacedEntry } from '../entry-line.ts'
import { entryLine } from '../entry-line.ts'
import { entryText } from '../entry-text.ts'
import { eventLines, eventTeller } from '../event-lines.ts'
import type { EventLine } from '../output.ts'
import { failureOf } from '../exit-code.ts'
import { getGroup } from '../look-up.ts'
import type { Chatting } from '../session.ts'
import { OpenPaths } from './open-paths.ts'

/** The conversation that typed lines go to. */
export interface OpenConversation {
  /** As typed: `@bob`, `#Tea`. */
  readonly name: string
  readonly target: Target
  /** UUID text; not there before the first message of a direct conversation. */
  readonly conversationId: string | undefined
}

/** Where the room shows what happens. */
export interface RoomScreen {
  /** An entry of the open conversation comes with what is in it. */
  show(line: EventLine, placed?: PlacedEntry): void
  /** Gets ready for what is to be shown, for a short while at most. */
  prepare(entries: readonly PlacedEntry[]): Promise<void>
  note(text: string): void
}

type EntriesEvent = Extract<ClientEvent, { type: 'entries' }>

const recentLines = 10
// Of what comes while older entries are fetched.
const maxHeld = 200
// What a session may watch besides contacts.
const maxWatched = 1_000

/** What `parley chat` knows: the open conversation, what was shown, who waits for an answer. */
export class ChatRoom {
  readonly chatting: Chatting
  readonly screen: RoomScreen
  #open: OpenConversation | undefined
  readonly #tell = eventTeller()
  #caughtUp = false
  #ready = false
  readonly #pending = new Set<string>()
  readonly #missed = new Map<string, { readonly name: string; readonly count: number }>()
  readonly #presence = new Map<string, number>()
  readonly #told = new Map<string, number>()
  // What comes while older entries are fetched is shown after them.
  #held: EntriesEvent[] | undefined
  // Of the conversation that is open: up to here the screen has it.
  #shownSeq = 0
  // While older entries are fetched: from here on the screen got what could not be held.
  #overtakenFrom = Infinity
  readonly #paths: OpenPaths | undefined

  /** With `isDirect`, what is said in a conversation of two comes without the server, too, where the other agrees. */
  constructor(chatting: Chatting, screen: RoomScreen, isDirect = false) {
    this.chatting = chatting
    this.screen = screen
    this.#paths = isDirect ? new OpenPaths(chatting.client) : undefined
  }

  get open(): OpenConversation | undefined {
    return this.#open
  }

  /** Messages that have no answer yet. */
  get pendingSends(): number {
    return this.#pending.size
  }

  /** The presence of somebody, as far as it was told. */
  availability(userId: string): number {
    return this.#presence.get(userId) ?? 0
  }

  /** Makes a conversation the one that lines go to, shows its newest entries and counts them as read. */
  async enter(conversation: OpenConversation): Promise<void> {
    this.#open = conversation
    this.#shownSeq = 0
    this.#paths?.follow(conversation.conversationId)
    if (conversation.conversationId !== undefined) await this.recent(recentLines)
    if ('conversationId' in conversation.target) await this.#follow(conversation.target)
  }

  /** From now on somebody looks: tells what came before. */
  ready(): void {
    this.#ready = true
    this.#sayMissed()
  }

  /** Shows the newest entries of the open conversation. */
  async recent(limit: number): Promise<void> {
    const id = this.#open?.conversationId
    if (id === undefined) return this.screen.note('nothing was said here yet')
    this.#held ??= []
    this.#overtakenFrom = Infinity
    try {
      await this.#showNewest(id, limit)
    } finally {
      this.#release()
    }
  }

  /** Sends to the open conversation; the entry is shown when it has its number, a refusal when it comes. */
  say(content: chat.Content | undefined, options: SendOptions = {}): void {
    const open = this.#open
    if (!open) return this.screen.note('no conversation is open: /open @name')
    void this.#deliver(open, content, options)
  }

  /** Sends anywhere; only the caller hears of a refusal. */
  async sendTo(
    target: Target,
    content: chat.Content | undefined,
    options: SendOptions,
  ): Promise<SendResult> {
    const messageId = uuidText(uuidv7(systemScheduler))
    this.#pending.add(messageId)
    try {
      return await this.chatting.client.send(target, content, { ...options, messageId })
    } finally {
      this.#pending.delete(messageId)
    }
  }

  /** Shows why something failed. */
  fail(error: unknown): void {
    const { reason, message } = failureOf(error)
    this.screen.show({ line: { type: 'error', reason, message }, text: `! ${reason}: ${message}` })
  }

  /** Shows an event of the client where it concerns the user. */
  hear(event: ClientEvent): void {
    if (event.type === 'entries') return this.#hearEntries(event)
    if (event.type === 'direct-message') return this.#hearDirect(event)
    // Whoever sent it hears of it by the answer.
    if (event.type === 'refused' && this.#pending.has(event.messageId)) return
    if (event.type === 'connection' && event.connection.state === 'caught-up') {
      this.#caughtUp = true
      this.#sayMissed()
    }
    const lines = event.type === 'presence' ? this.#newPresence(event) : this.#tell(event)
    for (const line of lines) this.screen.show(line)
  }

  async #showNewest(id: string, limit: number): Promise<void> {
    const question = { conversationId: idBytes(id), limit }
    const { entries } = await this.chatting.calls.history.listMessages(question)
    const placed = entries.flatMap(({ seq, entry, edited }) =>
      entry ? [{ conversationId: id, seq, entry, edited }] : [],
    )
    await this.screen.prepare(placed)
    for (const each of placed) if (!this.#isOvertaken(each.seq)) this.#showEntry(each)
    this.#markRead(id, entries.at(-1)?.seq ?? 0)
  }

  async #deliver(open: OpenConversation, content: chat.Content | undefined, options: SendOptions) {
    await this.sendTo(open.target, content, options).catch((error: unknown) => this.fail(error))
  }

  #hearEntries(event: EntriesEvent): void {
    if (this.#held) return this.#hold(this.#held, event)
    const { conversation, firstSeq, entries, shownSeqs = [] } = event
    const { conversationId } = conversation
    this.#learn(conversation)
    this.#paths?.follow(this.#open?.conversationId)
    if (this.#open?.conversationId !== conversationId) return this.#hearElsewhere(event)
    eventLines(event).forEach(({ line }, at) => {
      const entry = entries[at]
      const seq = firstSeq + at
      if (!entry || seq <= this.#shownSeq) return
      this.#overtakenFrom = Math.min(this.#overtakenFrom, seq)
      const placed = { conversationId, seq, entry }
      // What came directly was shown then.
      const text = shownSeqs.includes(seq) ? '' : entryText(placed)
      this.screen.show({ line, text }, placed)
    })
    this.#markRead(conversationId, firstSeq + entries.length - 1)
  }

  #hearDirect(event: DirectMessage): void {
    const isOpen = event.conversation.conversationId === this.#open?.conversationId
    const { line, text } = directLine(event)
    this.screen.show({ line, text: isOpen ? directText(event) : text })
  }

  #isOvertaken(seq: number): boolean {
    return seq >= this.#overtakenFrom && seq <= this.#shownSeq
  }

  #hold(held: EntriesEvent[], event: EntriesEvent): void {
    held.push(event)
    if (held.length > maxHeld) this.#release()
  }

  #release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const event of held) this.#hearEntries(event)
  }

  #hearElsewhere(event: EntriesEvent): void {
    if (!this.#caughtUp) return this.#miss(event.conversation, event.entries)
    for (const line of eventLines(event)) this.screen.show(line)
  }

  // The other side of a new direct conversation may write first: then it is known by the peer.
  #learn({ conversationId, peerId }: ConversationView): void {
    const open = this.#open
    if (!open || open.conversationId !== undefined || !('userId' in open.target)) return
    if (open.target.userId === peerId) this.#open = { ...open, conversationId }
  }

  #showEntry(placed: PlacedEntry): void {
    this.screen.show({ line: entryLine(placed), text: entryText(placed) }, placed)
  }

  #markRead(conversationId: string, seq: number): void {
    if (seq <= this.#shownSeq) return
    this.#shownSeq = seq
    this.chatting.client.read(conversationId, seq)
  }

  #miss(conversation: ConversationView, entries: readonly chat.Entry[]): void {
    const { userId } = this.chatting.login
    const { conversationId } = conversation
    const fromOthers = entries.filter((entry) => idText(entry.senderId) !== userId).length
    const count = (this.#missed.get(conversationId)?.count ?? 0) + fromOthers
    if (count > 0) this.#missed.set(conversationId, { name: conversationName(conversation), count })
  }

  #sayMissed(): void {
    if (!this.#ready || !this.#caughtUp) return
    this.#missed.delete(this.#open?.conversationId ?? '')
    const list = [...this.#missed.values()].map(
      ({ name, count }) => `${visibleLine(name)} (${count})`,
    )
    if (list.length > 0) this.screen.note(`~ came while you were away: ${list.join(', ')}`)
    this.#missed.clear()
  }

  // Members of the open group besides contacts; who may not ask for them does without.
  async #follow({ conversationId }: { readonly conversationId: string }): Promise<void> {
    const { client, calls } = this.chatting
    const group = await getGroup(calls, conversationId).catch(() => undefined)
    const ids = group?.members.slice(0, maxWatched).map((member) => idText(member.userId)) ?? []
    client.watchPresence(ids, { contacts: true })
  }

  // The first word of everybody's presence is no news, and that nobody can tell is none either.
  #newPresence(event: Extract<ClientEvent, { type: 'presence' }>): EventLine[] {
    const lines = eventLines(event)
    return lines.filter((_line, at) => {
      const user = event.users[at]
      if (!user) return false
      this.#presence.set(user.userId, user.availability)
      if (availabilityWord(user.availability) === 'unknown') return false
      const before = this.#told.get(user.userId)
      this.#told.set(user.userId, user.availability)
      return before !== undefined && before !== user.availability
    })
  }
}
