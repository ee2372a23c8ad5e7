import {
  acquainted,
  contentKind,
  mayEdit,
  mayNudge,
  mayRecall,
  maySendDirect,
} from '../domain/may-send.ts'
import type { Objection, TargetFacts } from '../domain/may-send.ts'
import type { ConversationRow, Tx } from '../store/tx.ts'
import type { Destination, SendInput } from './send-input.ts'

/** Loads what the rules ask for and tells the first of them that speaks against a message. */
export function objectionToSend(tx: Tx, message: SendInput, to: Destination): Objection {
  const { conversation, peer } = to
  const place = peer === undefined ? objectionInGroup(tx, message, conversation) : undefined
  if (place !== undefined) return place
  if (peer !== undefined) {
    const direct = objectionToPeer(tx, message, peer)
    if (direct !== undefined) return direct
  }
  return objectionToContent(tx, message, conversation)
}

function objectionInGroup(
  tx: Tx,
  message: SendInput,
  conversation: ConversationRow | undefined,
): Objection {
  if (conversation === undefined) return 'NOT_A_MEMBER'
  if (tx.members.get(conversation.id, message.sender) === undefined) return 'NOT_A_MEMBER'
  if (conversation.kind === 3) return 'READ_ONLY'
  return conversation.dissolved ? 'DISSOLVED' : undefined
}

function objectionToPeer(tx: Tx, message: SendInput, peer: number): Objection {
  const theirs = tx.contacts.get(peer, message.sender)
  const areContacts = theirs?.state === 4
  const unanswered = areContacts ? 0 : tx.contacts.unanswered(message.sender, peer)
  return maySendDirect({
    areContacts: areContacts || unanswered === acquainted,
    blocked: theirs?.blocked ?? false,
    unanswered,
    kind: message.kind,
  })
}

function objectionToContent(
  tx: Tx,
  message: SendInput,
  conversation: ConversationRow | undefined,
): Objection {
  if (message.replyTo !== 0 && !canSee(tx, conversation, message.sender, message.replyTo)) {
    return 'NO_SUCH_ENTRY'
  }
  switch (message.kind) {
    case contentKind.file:
    case contentKind.image:
    case contentKind.sticker:
      // Set by a good receipt, or by the entry that is sent on.
      return message.attachment === undefined ? 'ATTACHMENT_UNKNOWN' : undefined
    case contentKind.edit:
      return mayEdit(target(tx, message, conversation), countEdits(tx, message, conversation))
    case contentKind.recall:
      return mayRecall(
        target(tx, message, conversation),
        conversation?.kind === 2 && isAdmin(tx, conversation.id, message.sender),
        tx.nowMs,
      )
    case contentKind.nudge:
      return conversation === undefined
        ? undefined
        : mayNudge(lastNudgeAt(tx, conversation.id, message.sender), tx.nowMs)
    default:
      return undefined
  }
}

function canSee(
  tx: Tx,
  conversation: ConversationRow | undefined,
  user: number,
  seq: number,
): boolean {
  if (conversation === undefined || seq > tx.log.head(conversation.id)) return false
  return tx.members.maySee(conversation.id, user, seq)
}

function target(
  tx: Tx,
  message: SendInput,
  conversation: ConversationRow | undefined,
): TargetFacts | undefined {
  if (conversation === undefined) return undefined
  if (!canSee(tx, conversation, message.sender, message.targetSeq)) return undefined
  const row = tx.log.row(conversation.id, message.targetSeq)
  if (row === undefined) return undefined
  return { kind: row.kind, isOwn: row.sender === message.sender, sentAtMs: row.sentAtMs }
}

function countEdits(tx: Tx, message: SendInput, conversation: ConversationRow | undefined): number {
  return conversation === undefined ? 0 : tx.log.editsOf(conversation.id, message.targetSeq).length
}

function isAdmin(tx: Tx, conversation: number, user: number): boolean {
  return (tx.members.get(conversation, user)?.role ?? 1) >= 2
}

function lastNudgeAt(tx: Tx, conversation: number, sender: number): number {
  return tx.log.lastSentAt(conversation, sender, contentKind.nudge)
}
