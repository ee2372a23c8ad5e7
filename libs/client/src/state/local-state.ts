import type { ConversationView } from '../client-events.ts'

/** Who this device is logged in as. */
export interface Login {
  /** UUID text. */
  readonly userId: string
  readonly userName: string
  /** UUID text. */
  readonly deviceId: string
  readonly accessToken: string
  /** By this device's clock. */
  readonly accessExpiresAtMs: number
  readonly refreshToken: string
  /** A refresh that was begun and whose answer is not known: it is repeated under this id. */
  readonly refreshRequestId?: string
}

/** A conversation as this device has it stored. */
export interface StoredConversation extends ConversationView {
  readonly epoch: number
  /** Everything up to here is stored or will never come. */
  readonly seq: number
}

/** Where a conversation has stored entries that were perhaps never shown. */
export interface UnshownAfter {
  readonly conversationId: string
  readonly afterSeq: number
}

/** An entry as this device has it stored. */
export interface StoredEntry {
  readonly seq: number
  /** The encoded `Entry`. */
  readonly body: Uint8Array
}

/** A message that waits for its answer. */
export interface OutboxMessage {
  /** UUIDv7 text. */
  readonly messageId: string
  /** The encoded `Send`, byte for byte what every attempt carries. */
  readonly command: Uint8Array
  readonly createdAtMs: number
}

/** A message of the outbox as listed. */
export interface OutboxRow extends OutboxMessage {
  /** Where it stands in the outbox; earlier ones are sent first. */
  readonly position: number
  /** The server's final word, kept when nobody was there to hear it; empty while it waits. */
  readonly refusedReason: string
  readonly refusedMessage: string
  /** A running process is sending it. */
  readonly claimed: boolean
}

/** One change to what a device has stored. */
export type StateChange =
  | {
      readonly kind: 'append'
      readonly conversationId: string
      readonly firstSeq: number
      /** Encoded entries, dense. */
      readonly bodies: readonly Uint8Array[]
    }
  /** The log of this conversation goes on after `seq`. */
  | { readonly kind: 'skip'; readonly conversationId: string; readonly seq: number }
  /** Everything up to `seq` was shown to the user, as far as it is stored. */
  | { readonly kind: 'shown'; readonly conversationId: string; readonly seq: number }
  /** An entry was recalled: its words go, its place stays. */
  | { readonly kind: 'erase'; readonly conversationId: string; readonly seq: number }
  /** Forgets every entry and starts at 0 under another epoch. */
  | { readonly kind: 'rewind'; readonly conversationId: string; readonly epoch: number }
  | { readonly kind: 'describe'; readonly conversation: ConversationView; readonly epoch: number }
  /** The message was answered: it leaves the outbox. */
  | { readonly kind: 'settle'; readonly messageId: string }
  | {
      readonly kind: 'refuse'
      readonly messageId: string
      readonly reason: string
      readonly message: string
    }

/** Who claims messages of the outbox, and until when. */
export interface OutboxClaim {
  /** One running client. */
  readonly owner: string
  readonly nowMs: number
  readonly untilMs: number
}

/** What one user has stored on this device. Every method is durable when it returns. */
export interface AccountState {
  conversations(): StoredConversation[]
  /** Conversations with stored entries that were perhaps never shown, and after which number. */
  unshown(): readonly UnshownAfter[]
  /** Ascending from `afterSeq + 1`. */
  entries(conversationId: string, afterSeq: number, limit: number): StoredEntry[]
  /** All or nothing, in this order. */
  commit(changes: readonly StateChange[]): void
  /**
   * Adds messages at the end, claimed by their owner; throws `AppError` (exhausted, OUTBOX_FULL)
   * beyond `maxOutboxMessages`.
   */
  enqueue(messages: readonly OutboxMessage[], claim: OutboxClaim): OutboxRow[]
  /** Prolongs what this owner has claimed. */
  renew(claim: OutboxClaim): void
  /** Takes over what nobody holds, and answers it in order. */
  claim(claim: OutboxClaim): OutboxRow[]
  /** Lets others take what this owner has claimed. */
  release(owner: string): void
  outbox(nowMs: number): OutboxRow[]
  /** Removes a message that waits; false when it is not there. */
  cancel(messageId: string): boolean
}

/** What a transfer needs to go on where it was interrupted. */
export interface TransferRecord {
  readonly url: string
  readonly etag: string
}

/** Everything a device keeps between runs. */
export interface LocalState {
  login(): Login | undefined
  saveLogin(login: Login | undefined): void
  /** The device id that this user name had here before, UUID text. */
  knownDevice(userName: string): string | undefined
  account(userId: string): AccountState
  transfer(key: string): TransferRecord | undefined
  saveTransfer(key: string, record: TransferRecord, nowMs: number): void
  dropTransfer(key: string): void
  /** Tries to take a lock that all processes with this state share; undefined when it is held. */
  tryLock(name: LockName): StateLock | undefined
  close(): void
}

/** `session`: the one lasting session. `refresh`: the tokens are being exchanged. */
export type LockName = 'session' | 'refresh'

/** A lock that the system takes back when its process ends. */
export interface StateLock {
  release(): void
}

/** The most messages that wait in one user's outbox. */
export const maxOutboxMessages = 10_000

/** The most entries of one conversation that a device keeps; older ones are the server's. */
export const maxStoredEntries = 10_000

/** The most interrupted transfers that a device remembers; the oldest is forgotten. */
export const maxTransferRecords = 1_000
