import type {
  ContactRow,
  ContactState,
  ConversationKind,
  ConversationRow,
  LoggedRow,
  Role,
  UserRow,
} from '../../tx.ts'
import type { Param } from '../bridge/session.ts'
import type { StayRow } from './working-set.ts'

/** A condition with its parameters. */
export interface Where {
  readonly sql: string
  readonly params: readonly Param[]
}

/** `column in (...)`; false for no values. */
export function isIn(column: string, values: Iterable<Param>): Where {
  const params = [...values]
  if (params.length === 0) return { sql: 'false', params }
  return { sql: `${column} in (${params.map(() => '?').join(', ')})`, params }
}

/** One of several pairs of values; false for none. */
export function isPair(
  [one, other]: readonly [string, string],
  pairs: Iterable<readonly [number, number]>,
): Where {
  const params = [...pairs].flat()
  if (params.length === 0) return { sql: 'false', params }
  const each = `(${one} = ? and ${other} = ?)`
  return { sql: Array.from({ length: params.length / 2 }, () => each).join(' or '), params }
}

export const userColumns =
  'id, public_id, name, nickname, about, password, notices, disabled' as const

interface RawUser {
  readonly id: number
  readonly public_id: Uint8Array
  readonly name: string
  readonly nickname: string
  readonly about: string
  readonly password: string
  readonly notices: number
  readonly disabled: number
}

/** Reads a row of `userColumns`. */
export function userOf(row: unknown): UserRow {
  const { id, name, nickname, about, password, notices, disabled, ...raw } = row as RawUser
  const publicId = raw.public_id
  return { id, publicId, name, nickname, about, password, notices, disabled: disabled !== 0 }
}

export const conversationColumns = 'id, public_id, kind, epoch, title, open, dissolved' as const

interface RawConversation {
  readonly id: number
  readonly public_id: Uint8Array
  readonly kind: ConversationKind
  readonly epoch: number
  readonly title: string
  readonly open: number
  readonly dissolved: number
}

/** Reads a row of `conversationColumns`. */
export function conversationOf(row: unknown): ConversationRow {
  const { id, kind, epoch, title, open, dissolved, ...raw } = row as RawConversation
  const publicId = raw.public_id
  return { id, publicId, kind, epoch, title, open: open !== 0, dissolved: dissolved !== 0 }
}

export const stayColumns = 'conversation, user, role, joined_seq, joined_at_ms, left_seq' as const

interface RawStay {
  readonly conversation: number
  readonly user: number
  readonly role: Role
  readonly joined_seq: number
  readonly joined_at_ms: number
  readonly left_seq: number | null
}

/** Reads a row of `stayColumns`. */
export function stayOf(row: unknown): StayRow & { readonly conversation: number } {
  const { conversation, user, role, ...raw } = row as RawStay
  const leftSeq = raw.left_seq ?? undefined
  const { joined_seq: joinedSeq, joined_at_ms: joinedAtMs } = raw
  return { conversation, user, role, joinedSeq, joinedAtMs, leftSeq }
}

export const contactColumns = 'user, other, state, blocked, remark, team, request_text' as const

interface RawContact {
  readonly user: number
  readonly other: number
  readonly state: ContactState
  readonly blocked: number
  readonly remark: string
  readonly team: string
  readonly request_text: string
}

/** Reads a row of `contactColumns`. */
export function contactOf(row: unknown): ContactRow & { readonly user: number; other: number } {
  const { user, other, state, blocked, remark, team, ...raw } = row as RawContact
  const requestText = raw.request_text
  return { user, other, state, blocked: blocked !== 0, remark, team, requestText }
}

export const loggedColumns =
  'conversation, seq, sender, client_id, kind, digest, sent_at_ms' as const

interface RawLogged {
  readonly conversation: number
  readonly seq: number
  readonly sender: number
  readonly client_id: Uint8Array | null
  readonly kind: number
  readonly digest: Uint8Array | null
  readonly sent_at_ms: number
}

/** Reads a row of `loggedColumns`. */
export function loggedOf(row: unknown): LoggedRow & { readonly clientId: Uint8Array | undefined } {
  const { conversation, seq, sender, kind, ...raw } = row as RawLogged
  const clientId = raw.client_id ?? undefined
  const digest = raw.digest ?? undefined
  return { conversation, seq, sender, kind, clientId, digest, sentAtMs: raw.sent_at_ms }
}
