import { systemScheduler, uuidText, uuidv7 } from '@parley/service-kit'

/** What one sender knows of one message. Bodies are unique over the whole history. */
export interface SendRecord {
  readonly senderId: string
  readonly messageId: string
  /** Empty until it is known. */
  conversationId: string
  readonly body: string
  /** When it was first tried, counted over the whole history. */
  readonly invokedAt: number
  /** Answers as they came, oldest first; none: the outcome is not known. */
  readonly answers: Answer[]
}

/** One answer to a send. */
export type Answer =
  | {
      readonly type: 'accepted'
      readonly seq: number
      readonly duplicate: boolean
      readonly at: number
    }
  | { readonly type: 'refused'; readonly reason: string; readonly at: number }

/** One entry as a device or a reader saw it. */
export interface SeenEntry {
  readonly conversationId: string
  readonly seq: number
  readonly senderId: string
  readonly messageId: string
  /** The words, or a mark for what is no text. */
  readonly body: string
}

/** What one device showed its user at the moment when it came, where messages come by two ways. */
interface Shown {
  readonly senderId: string
  readonly messageId: string
  readonly body: string
  readonly way: 'direct' | 'relay'
}

/** What one device was told, in the order in which it was told. */
export interface DeviceLog {
  readonly device: string
  /** Whose it is, where a conversation of two is checked. */
  readonly userId?: string
  readonly entries: SeenEntry[]
  readonly shown: Shown[]
  /** Messages that the device has shown, and then doubted. */
  readonly doubted: string[]
}

/** Everything that happened in a scenario, for the checker. */
export class History {
  readonly sends: SendRecord[] = []
  readonly devices: DeviceLog[] = []
  /**
   * What is stored at the end of the conversations that are checked, from their first entry on,
   * read back by somebody who may see all of it.
   */
  readonly stored = new Map<string, SeenEntry[]>()
  #clock = 0
  /** So many sends from the first on are accepted: nobody takes an acceptance back. */
  #acceptedFirst = 0

  /** The next moment of this history. */
  tick(): number {
    this.#clock += 1
    return this.#clock
  }

  /** An id for the next message, UUIDv7 text. */
  newMessageId(): string {
    return uuidText(uuidv7(systemScheduler))
  }

  /** Notes that a message is about to be sent for the first time. */
  invoke(send: Omit<SendRecord, 'invokedAt' | 'answers'>): SendRecord {
    const record = { ...send, invokedAt: this.tick(), answers: [] }
    this.sends.push(record)
    return record
  }

  /** A log for one device to note in what it is told. */
  device(device: string, userId?: string): DeviceLog {
    const owner = userId === undefined ? {} : { userId }
    const log = { device, ...owner, entries: [], shown: [], doubted: [] }
    this.devices.push(log)
    return log
  }

  /** How many messages were accepted. */
  accepted(): number {
    // Asked every few milliseconds of a history of many thousands.
    while (isAcceptedSend(this.sends[this.#acceptedFirst])) this.#acceptedFirst += 1
    return this.#acceptedFirst + this.sends.slice(this.#acceptedFirst).filter(isAcceptedSend).length
  }
}

function isAcceptedSend(send: SendRecord | undefined): boolean {
  return send !== undefined && send.answers.some(isAccepted)
}

/** The answers that accept. */
export function isAccepted(answer: Answer): answer is Extract<Answer, { type: 'accepted' }> {
  return answer.type === 'accepted'
}
