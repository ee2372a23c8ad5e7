import { bytesEqual } from '../domain/bytes.ts'
import { acquainted, contentKind, sendReasons } from '../domain/may-send.ts'
import type { SendReason } from '../domain/may-send.ts'
import type { ConversationRow, LoggedRow, Tx } from '../store/tx.ts'
import { eraseEntry } from './erase-entry.ts'
import { forwardedEntry } from './forwarded-entry.ts'
import { objectionToSend } from './objection-to-send.ts'
import { refuse } from './script.ts'
import type { Refusal, Verdict } from './script.ts'
import type { Destination, SendAnswer, SendInput } from './send-input.ts'

/** Stores a message once, whatever happens and however often it is repeated. */
export function sendMessage(tx: Tx, input: SendInput): Verdict<SendAnswer> {
  const before = tx.log.byClientId(input.sender, input.clientId)
  if (before !== undefined) return repeated(tx, input, before)

  const to = destination(tx, input)
  if (typeof to === 'string') return refuseSend(to)
  const message = input.forwardOf === undefined ? input : forwardedEntry(tx, input, input.forwardOf)
  if (typeof message === 'string') return refuseSend(message)
  const objection = objectionToSend(tx, message, to)
  if (objection !== undefined) return refuseSend(objection)

  const conversation = to.conversation ?? newDirect(tx, input.sender, to.peer)
  return { ok: true, answer: store(tx, message, conversation, to.peer) }
}

function repeated(tx: Tx, input: SendInput, before: LoggedRow): Verdict<SendAnswer> {
  const conversation = tx.conversations.byId(before.conversation)
  const same = before.digest !== undefined && bytesEqual(before.digest, input.digest)
  if (conversation === undefined || !same) return refuseSend('ID_CONFLICT')
  return { ok: true, duplicate: true, answer: answer(conversation, before.seq, before.sentAtMs) }
}

function destination(tx: Tx, input: SendInput): Destination | SendReason {
  if (input.peerId !== undefined) return toPeer(tx, input.sender, input.peerId)
  const conversation =
    input.conversation !== 0
      ? tx.conversations.byId(input.conversation)
      : tx.conversations.byPublicId(input.conversationId ?? new Uint8Array())
  if (conversation === undefined) return 'NOT_A_MEMBER'
  if (conversation.kind !== 1) return { conversation, peer: undefined }
  const users = tx.conversations.directUsers(conversation.id)
  if (users === undefined || !users.includes(input.sender)) return 'NOT_A_MEMBER'
  return { conversation, peer: users[0] === input.sender ? users[1] : users[0] }
}

function toPeer(tx: Tx, sender: number, peerId: Uint8Array): Destination | SendReason {
  const peer = tx.users.byPublicId(peerId)
  if (peer === undefined || peer.disabled) return 'USER_UNKNOWN'
  if (peer.id === sender) return 'SELF'
  return { conversation: tx.conversations.direct(sender, peer.id), peer: peer.id }
}

function newDirect(tx: Tx, sender: number, peer: number | undefined): ConversationRow {
  if (peer === undefined) throw new Error('a message without conversation has a peer')
  const conversation = tx.conversations.insertDirect(sender, peer)
  tx.members.add(conversation.id, sender, 1, 1)
  tx.members.add(conversation.id, peer, 1, 1)
  return conversation
}

function store(
  tx: Tx,
  message: SendInput,
  conversation: ConversationRow,
  peer: number | undefined,
): SendAnswer {
  const seq = tx.log.append({
    conversation: conversation.id,
    sender: message.sender,
    clientId: message.clientId,
    digest: message.digest,
    kind: message.kind,
    targetSeq: message.targetSeq === 0 ? undefined : message.targetSeq,
    sentAtMs: message.sentAtMs,
    entry: message.entry,
  })
  if (message.attachment !== undefined) tx.attachments.hold(conversation, seq, message.attachment)
  if (message.kind === contentKind.recall) eraseEntry(tx, conversation, message.targetSeq)
  if (peer !== undefined) countStrangers(tx, message, peer)
  return answer(conversation, seq, message.sentAtMs)
}

/** A stranger's texts are counted until the other side writes back; then they are acquainted. */
function countStrangers(tx: Tx, { sender, kind }: SendInput, peer: number): void {
  const { contacts } = tx
  if (contacts.get(peer, sender)?.state === 4) return
  const mine = contacts.unanswered(sender, peer)
  if (mine === acquainted || kind !== contentKind.text) return
  if (contacts.unanswered(peer, sender) > 0) {
    contacts.setUnanswered(sender, peer, acquainted)
    contacts.setUnanswered(peer, sender, acquainted)
  } else contacts.setUnanswered(sender, peer, mine + 1)
}

function answer(conversation: ConversationRow, seq: number, sentAtMs: number): SendAnswer {
  return {
    conversation: conversation.id,
    conversationId: conversation.publicId,
    epoch: conversation.epoch,
    seq,
    sentAtMs,
  }
}

function refuseSend(reason: SendReason): Refusal {
  return refuse(reason, sendReasons[reason])
}
