import { chat } from '@parley/proto'
import { contentKind } from '../domain/may-send.ts'
import type { PictureRow } from '../store/picture-rows.ts'
import type { ConversationRow, Tx, UserRow } from '../store/tx.ts'
import { pictureMessage } from './picture-message.ts'

const { Entry, Membership, Notice } = chat

/** A change of a group as its log tells it. */
export interface MembershipChange {
  readonly change: chat.Membership_Change
  /** The member concerned; absent for a change of the whole group. */
  readonly user?: UserRow
  readonly role?: chat.Role
  readonly title?: string
  readonly picture?: PictureRow | undefined
}

/** Writes a change of a group into its log and returns its number. */
export function appendMembership(
  tx: Tx,
  conversation: ConversationRow,
  { change, user, role = 0, title = '', picture }: MembershipChange,
): number {
  const value = Membership.create({ change, role, title })
  if (picture !== undefined) value.picture = pictureMessage(picture)
  if (user !== undefined) {
    value.userId = Buffer.from(user.publicId)
    value.userName = user.name
  }
  return append(tx, conversation.id, contentKind.membership, { $case: 'membership', value })
}

/** Something one user must hear of. */
export interface NoticeTold {
  readonly kind: chat.Notice_Kind
  /** Who caused it; absent when the user did. */
  readonly by?: UserRow
  readonly conversation?: ConversationRow
  readonly text?: string
}

/** Writes a notice into the user's own notices log. */
export function appendNotice(tx: Tx, user: UserRow, told: NoticeTold): void {
  const value = Notice.create({ kind: told.kind, text: told.text ?? '' })
  if (told.by !== undefined) {
    value.userId = Buffer.from(told.by.publicId)
    value.userName = told.by.name
  }
  if (told.conversation !== undefined) {
    value.conversationId = Buffer.from(told.conversation.publicId)
    value.title = told.conversation.title
  }
  append(tx, user.notices, contentKind.notice, { $case: 'notice', value })
}

function append(
  tx: Tx,
  conversation: number,
  kind: number,
  content: NonNullable<chat.Content['content']>,
): number {
  const entry = Entry.create({ sentAtMs: tx.nowMs, content: { content } })
  return tx.log.append({
    conversation,
    sender: 0,
    clientId: undefined,
    digest: undefined,
    kind,
    targetSeq: undefined,
    sentAtMs: tx.nowMs,
    entry: Entry.encode(entry).finish(),
  })
}
