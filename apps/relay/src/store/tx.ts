import type { LeaseRows, SearchRows, SigningKeyRows } from './chore-rows.ts'
import type { PictureRows } from './picture-rows.ts'
import type { UpgradeRows } from './upgrade-rows.ts'

/**
 * What a command may read and write inside its transaction. Everything is synchronous: a command
 * loads, decides by the rules of `domain/`, and writes; it never writes before it has decided.
 */
export interface Tx {
  /** Milliseconds since the epoch when the batch began. */
  readonly nowMs: number
  /** 16 fresh bytes, UUIDv7. */
  readonly newId: () => Uint8Array
  readonly users: UserRows
  readonly devices: DeviceRows
  readonly logins: LoginRows
  readonly contacts: ContactRows
  readonly conversations: ConversationRows
  readonly members: MemberRows
  readonly log: LogRows
  readonly marks: MarkRows
  readonly attachments: AttachmentRows
  readonly pictures: PictureRows
  readonly invitationCodes: InvitationCodeRows
  readonly requests: RequestRows
  readonly search: SearchRows
  readonly leases: LeaseRows
  readonly signingKeys: SigningKeyRows
  readonly upgrades: UpgradeRows
}

/** A user as a command sees one. */
export interface UserRow {
  readonly id: number
  readonly publicId: Uint8Array
  readonly name: string
  readonly nickname: string
  readonly about: string
  /** Argon2id in PHC form. */
  readonly password: string
  /** The user's own notices log. */
  readonly notices: number
  readonly disabled: boolean
}

export interface UserRows {
  byId(id: number): UserRow | undefined
  byPublicId(publicId: Uint8Array): UserRow | undefined
  byNameKey(nameKey: string): UserRow | undefined
  /** True when the key or the skeleton belongs to somebody. */
  nameTaken(nameKey: string, skeleton: string): boolean
  insert(row: NewUser): number
  setPassword(id: number, password: string): void
  setProfile(id: number, nickname: string, about: string): void
  setDisabled(id: number, disabled: boolean): void
}

export interface NewUser {
  readonly publicId: Uint8Array
  readonly name: string
  readonly nameKey: string
  readonly skeleton: string
  readonly password: string
  readonly notices: number
}

export interface DeviceRow {
  readonly id: number
  readonly publicId: Uint8Array
  readonly user: number
  readonly name: string
}

export interface DeviceRows {
  byId(id: number): DeviceRow | undefined
  byPublicId(publicId: Uint8Array): DeviceRow | undefined
  countOf(user: number): number
  insert(user: number, publicId: Uint8Array, name: string): number
  /** The device was here now; with a name, that is its name from now on. */
  seen(id: number, name?: string): void
  /** The device of a user that was not here for longest. */
  stalest(user: number): DeviceRow | undefined
  /** Takes a device away with its cursors and its logins; their sessions are told. */
  remove(id: number, why: EndedWhy): void
}

export interface LoginRow {
  readonly id: number
  readonly publicId: Uint8Array
  readonly user: number
  readonly device: number
  readonly refreshHash: Uint8Array
  readonly previousHash: Uint8Array | undefined
  readonly previousRequestId: Uint8Array | undefined
  readonly rotatedAtMs: number
  readonly ended: boolean
}

export interface LoginRows {
  byPublicId(publicId: Uint8Array): LoginRow | undefined
  insert(user: number, device: number, publicId: Uint8Array, refreshHash: Uint8Array): void
  rotate(id: number, refreshHash: Uint8Array, previousHash: Uint8Array, requestId: Uint8Array): void
  /** Ends one login and tells the sessions of it. */
  end(id: number, why: EndedWhy): void
  /** Ends the logins of a device. */
  endOfDevice(device: number, why: EndedWhy): void
  /** Ends all logins of a user but one (0 to end all). */
  endOfUser(user: number, except: number, why: EndedWhy): void
  /** Forgets logins last renewed before then, at most 1,000 at a time; returns how many. */
  forgetBefore(rotatedAtMs: number): number
}

/** Why a login ended; the reason of `Kicked`. */
export type EndedWhy = 'REVOKED' | 'DISABLED' | 'REPLACED'

/** 1 none, 2 asked, 3 requested, 4 contact. */
export type ContactState = 1 | 2 | 3 | 4

export interface ContactRow {
  readonly state: ContactState
  readonly blocked: boolean
  readonly remark: string
  readonly team: string
  readonly requestText: string
}

/** How many rows of each kind somebody has. */
export interface ContactCounts {
  /** Contacts and own open requests. */
  readonly contacts: number
  /** Open requests of others. */
  readonly requests: number
  readonly blocked: number
}

export interface ContactRows {
  /** How `user` sees `other`. */
  get(user: number, other: number): ContactRow | undefined
  put(user: number, other: number, row: ContactRow): void
  counts(user: number): ContactCounts
  /** Texts from `sender` that `recipient` has not answered; -1 when both have written to each other. */
  unanswered(sender: number, recipient: number): number
  setUnanswered(sender: number, recipient: number, count: number): void
}

/** 1 direct, 2 group, 3 notices. */
export type ConversationKind = 1 | 2 | 3

export interface ConversationRow {
  readonly id: number
  readonly publicId: Uint8Array
  readonly kind: ConversationKind
  readonly epoch: number
  readonly title: string
  readonly open: boolean
  readonly dissolved: boolean
}

export interface ConversationRows {
  byId(id: number): ConversationRow | undefined
  byPublicId(publicId: Uint8Array): ConversationRow | undefined
  /** The direct conversation of two users (order does not matter). */
  direct(one: number, other: number): ConversationRow | undefined
  /** The two users of a direct conversation. */
  directUsers(conversation: number): readonly [number, number] | undefined
  insert(kind: ConversationKind, title: string, open: boolean): ConversationRow
  insertDirect(one: number, other: number): ConversationRow
  setTitle(id: number, title: string): void
  setDissolved(id: number): void
  /** A dissolved group holds nothing any more. */
  setLetGo(id: number): void
}

/** 1 member, 2 admin, 3 owner (as Role on the wire). */
export type Role = 1 | 2 | 3

export interface MemberRow {
  readonly user: number
  readonly role: Role
  readonly joinedSeq: number
  readonly joinedAtMs: number
}

export interface MemberRows {
  /** The present stay of a user, or undefined. */
  get(conversation: number, user: number): MemberRow | undefined
  /** Present members, longest-serving first. */
  list(conversation: number): readonly MemberRow[]
  count(conversation: number): number
  /** Groups this user is in now. */
  countGroupsOf(user: number): number
  /** True when the user may read the entry: it lies in one of the user's stays. */
  maySee(conversation: number, user: number, seq: number): boolean
  /** The last entry that a user's newest ended stay sees; 0 when none has ended. */
  lastLeft(conversation: number, user: number): number
  /** Begins a stay that sees entries from `joinedSeq` on. */
  add(conversation: number, user: number, role: Role, joinedSeq: number): void
  /** Ends the present stay; `leftSeq` is the last entry it sees. */
  end(conversation: number, user: number, leftSeq: number): void
  setRole(conversation: number, user: number, role: Role): void
  invitation(conversation: number, user: number): { readonly invitedBy: number } | undefined
  countInvitations(conversation: number): number
  countInvitationsOf(user: number): number
  addInvitation(conversation: number, user: number, invitedBy: number): void
  removeInvitation(conversation: number, user: number): void
  /** Takes all invitations of a group back and tells who had one. */
  removeInvitations(conversation: number): readonly number[]
}

/** A line to append. `entry` is an encoded parley.chat.v1.Entry. */
export interface NewEntry {
  readonly conversation: number
  /** 0 for the server. */
  readonly sender: number
  readonly clientId: Uint8Array | undefined
  readonly digest: Uint8Array | undefined
  /** Field number of the content on the wire. */
  readonly kind: number
  readonly targetSeq: number | undefined
  readonly sentAtMs: number
  readonly entry: Uint8Array
}

export interface LoggedRow {
  readonly seq: number
  readonly conversation: number
  readonly sender: number
  readonly kind: number
  readonly digest: Uint8Array | undefined
  readonly sentAtMs: number
}

export interface LogRows {
  /** The last sequence number; 0 for an empty log. */
  head(conversation: number): number
  /** Appends under the next number and returns it. */
  append(entry: NewEntry): number
  /** What was stored under a client's message id, ever. */
  byClientId(sender: number, clientId: Uint8Array): LoggedRow | undefined
  row(conversation: number, seq: number): LoggedRow | undefined
  entry(conversation: number, seq: number): Uint8Array | undefined
  /** Numbers of the edits of an entry, ascending. */
  editsOf(conversation: number, seq: number): readonly number[]
  /** Replaces an entry's bytes: its content is gone from disk when the batch has committed. */
  erase(conversation: number, seq: number, entry: Uint8Array): void
  /** When this sender last sent this kind of content there; 0 for not among the last 500 entries. */
  lastSentAt(conversation: number, sender: number, kind: number): number
}

export interface MarkRows {
  /** Moves a device's delivered cursor forward. */
  delivered(device: number, conversation: number, seq: number): void
  /** Moves a user's read cursor forward; returns false when it was there already. */
  read(user: number, conversation: number, seq: number): boolean
}

/** 1 files, 2 images. */
export type AttachmentService = 1 | 2

export interface AttachmentRow {
  readonly service: AttachmentService
  readonly attachmentId: string
}

/** What one entry of a conversation carries. */
export interface CarriedRow extends AttachmentRow {
  readonly seq: number
}

export interface AttachmentRows {
  of(conversation: number, seq: number): AttachmentRow | undefined
  /** Notes what an entry carries and puts the Hold into the outbox. */
  hold(conversation: ConversationRow, seq: number, attachment: AttachmentRow): void
  /** What entries of a conversation carry, the oldest first. */
  carriedIn(conversation: number, limit: number): readonly CarriedRow[]
  /** Lets go of these, and puts the releases into the outbox. */
  releaseAll(conversation: ConversationRow, carried: readonly CarriedRow[]): void
  /** Lets go what an entry carries, if anything, and puts the release into the outbox. */
  release(conversation: ConversationRow, seq: number): void
  /** Takes outbox rows away that the other service has answered. */
  settled(outboxIds: readonly number[]): void
}

export interface InvitationCodeRows {
  insert(codeHash: Uint8Array, uses: number, expiresAtMs: number): void
  /** False when the code is unknown, used up or expired. */
  isGood(codeHash: Uint8Array): boolean
  /** Takes one use of a good code. */
  use(codeHash: Uint8Array): void
  /** Forgets codes that have expired. */
  forgetExpired(): void
}

export interface RequestRows {
  get(user: number, requestId: Uint8Array): { digest: Uint8Array; answer: Uint8Array } | undefined
  put(user: number, requestId: Uint8Array, digest: Uint8Array, answer: Uint8Array): void
  /** Forgets answers from before then, at most 1,000 at a time; returns how many. */
  forgetBefore(answeredAtMs: number): number
}
