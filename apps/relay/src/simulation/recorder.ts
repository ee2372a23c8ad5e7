import type { chat } from '@parley/proto'
import type { HistoryEvent, SeenEntry, Who } from '@parley/history'
import type { SimClock } from './sim-clock.ts'

type WithoutWho<E> = E extends unknown ? Omit<E, keyof Who> : never
/** A line without its teller. */
export type Line = WithoutWho<HistoryEvent>
/** Who tells. */
export type Teller = Omit<Who, 't'>

const nobody: Teller = { client: '', user: '', device: '', session: '' }

/** Notes what clients do and see, in the order in which it happens. */
export class Recorder {
  readonly events: HistoryEvent[] = []
  /** What no client can see but no correct relay does. */
  readonly complaints: string[] = []
  readonly #clock: SimClock

  constructor(clock: SimClock) {
    this.#clock = clock
  }

  note(who: Teller, line: Line): void {
    const { client, user, device, session } = who
    const t = this.#clock.monotonic()
    this.events.push({ t, client, user, device, session, ...line })
  }

  /** What the one who runs the world knows. */
  say(line: Line): void {
    this.note(nobody, line)
  }

  complain(line: string): void {
    this.complaints.push(`${this.#clock.monotonic()}: ${line}`)
  }
}

const changes = ['', 'created', 'joined', 'left', 'removed', 'role', 'renamed', 'dissolved']

/** An entry as the history keeps it. */
export function seenEntry(entry: chat.Entry): SeenEntry {
  const sender = entry.senderId.toString('hex')
  const id = entry.clientMessageId.toString('hex')
  const content = entry.content?.content
  const base = { sender, id, kind: content?.$case ?? '', body: '' }
  const about = entry.replyToSeq === 0 ? base : { ...base, replyTo: entry.replyToSeq }
  switch (content?.$case) {
    case 'text':
      return { ...about, body: content.value.text }
    case 'edit':
      return { ...about, body: content.value.text, target: content.value.targetSeq }
    case 'recall':
      return { ...about, target: content.value.targetSeq }
    case 'membership': {
      const member = content.value.userId.toString('hex')
      return { ...about, change: changes[content.value.change] ?? '', member }
    }
    default:
      return about
  }
}
