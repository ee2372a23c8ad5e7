import type { DirectEvent } from './direct-events.ts'
import type { PresenceEvent } from './presence-events.ts'
import type { GaugeEvent, ProbeEvent } from './probe-events.ts'
import type { UploadEvent } from './upload-events.ts'

/** Who notes something, when, and by which stream. Ids are any text that is the same for the same thing. */
export interface Who {
  /** Milliseconds on the one clock of the run; the order of the history itself is what came first. */
  readonly t: number
  /** One sender with its own order: what it invokes first must be stored first. */
  readonly client: string
  readonly user: string
  readonly device: string
  /** One stream, from its connect to its end; empty for what needs no stream. */
  readonly session: string
}

/** One entry as somebody was told of it. */
export interface SeenEntry {
  /** Empty for entries of the server. */
  readonly sender: string
  /** The sender's id of the message; empty for entries of the server. */
  readonly id: string
  /** The case of its content: `text`, `edit`, `recall`, `file`, `image`, `nudge`, `membership`, `erased`... */
  readonly kind: string
  /** The words (of a file: its id), unique over the history; empty when there are none. */
  readonly body: string
  /** What an edit or a recall is about. */
  readonly target?: number
  readonly replyTo?: number
  /** Of kind `membership`: created, joined, left, removed, role, renamed or dissolved. */
  readonly change?: string
  /** The user whom a membership entry is about. */
  readonly member?: string
}

/** What a client sends, told before each attempt. */
interface SendInvoked {
  readonly op: 'invoke'
  readonly f: 'send'
  readonly id: string
  /** A conversation, or the person when the conversation is not known yet. */
  readonly to: string
  readonly kind: string
  readonly body: string
  readonly target?: number
  readonly replyTo?: number
}

/** An answer to an attempt, by the stream of `session`; `info`: the outcome is not known. */
type SendAnswered =
  | {
      readonly op: 'ok'
      readonly f: 'send'
      readonly id: string
      readonly conversation: string
      readonly seq: number
      readonly duplicate: boolean
    }
  | { readonly op: 'fail'; readonly f: 'send'; readonly id: string; readonly reason: string }
  | { readonly op: 'info'; readonly f: 'send'; readonly id: string; readonly why: string }

/** The life of a stream, and what was told by it, exactly as it came. */
type StreamEvent =
  | {
      readonly op: 'invoke'
      readonly f: 'connect'
      readonly transient: boolean
      /** By conversation: everything up to there is stored by the device. */
      readonly cursors: Readonly<Record<string, number>>
    }
  | { readonly op: 'ok'; readonly f: 'connect' }
  | { readonly op: 'ok'; readonly f: 'caught-up' }
  /** `done` when the client wanted it, `kicked REASON` when the server ended it for good. */
  | { readonly op: 'info'; readonly f: 'closed'; readonly why: string }
  /** The client stops reading (off) or reads again. */
  | { readonly op: 'info'; readonly f: 'reading'; readonly on: boolean }
  | {
      readonly op: 'ok'
      readonly f: 'entries'
      readonly conversation: string
      readonly first: number
      readonly entries: readonly SeenEntry[]
    }
  | {
      readonly op: 'ok'
      readonly f: 'gap'
      readonly conversation: string
      readonly from: number
      readonly to: number
      /** The number of Gap.Why. */
      readonly why: string
    }
  | {
      readonly op: 'invoke'
      readonly f: 'pull'
      readonly conversation: string
      readonly after: number
    }

/** A change of members asked for: `user` asks, `member` is the one concerned. */
type MemberEvent =
  | {
      readonly op: 'invoke' | 'ok' | 'info'
      readonly f: 'member'
      readonly change: 'join' | 'leave' | 'remove' | 'invite'
      readonly conversation: string
      readonly member: string
    }
  | {
      readonly op: 'fail'
      readonly f: 'member'
      readonly change: 'join' | 'leave' | 'remove' | 'invite'
      readonly conversation: string
      readonly member: string
      readonly reason: string
    }

/** The end of a device's login: `user` asks, the logins of `ofDevice` are over. */
interface RevokeEvent {
  readonly op: 'invoke' | 'ok' | 'fail' | 'info'
  readonly f: 'revoke'
  readonly ofDevice: string
}

/** A dense run of a conversation, read afresh when all was healed, by somebody who sees all of it. */
interface LogRead {
  readonly op: 'ok'
  readonly f: 'log'
  readonly conversation: string
  readonly first: number
  readonly entries: readonly SeenEntry[]
}

/** What the one who runs it all knows. */
type RunEvent =
  | {
      readonly op: 'info'
      readonly f: 'conversation'
      readonly conversation: string
      readonly kind: 'direct' | 'group' | 'notices'
      /** Of a direct conversation both, of notices the one; of a group nobody: its log tells. */
      readonly members: readonly string[]
    }
  /** `heal`: all faults are over. `end`: the clients stop, at least 10 s later. */
  | { readonly op: 'info'; readonly f: 'phase'; readonly phase: 'faults' | 'heal' | 'end' }
  | { readonly op: 'info'; readonly f: 'fault'; readonly what: string; readonly on: boolean }

/** One line of a history. */
export type HistoryEvent = Who &
  (
    | SendInvoked
    | SendAnswered
    | StreamEvent
    | MemberEvent
    | RevokeEvent
    | LogRead
    | RunEvent
    | PresenceEvent
    | UploadEvent
    | ProbeEvent
    | GaugeEvent
    | DirectEvent
  )

/** The events of one name. */
export type EventOf<F extends HistoryEvent['f']> = Extract<HistoryEvent, { f: F }>

/** A history as text, one line per event. */
export function toLines(events: readonly HistoryEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('')
}

/** A history from its text. */
export function fromLines(text: string): HistoryEvent[] {
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as HistoryEvent)
}
