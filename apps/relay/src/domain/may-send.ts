/** The most texts that a stranger may send before the other answers. */
export const strangerTexts = 3
/** Instead of a number of unanswered texts: both have written to each other. */
export const acquainted = -1
/** How long a sender may recall an own entry. */
export const recallMs = 24 * 3600 * 1000
/** How often one entry may be edited: a recall erases all of its edits in one go. */
export const maxEdits = 100
/** The least time between two nudges of one sender in one conversation. */
export const nudgeMs = 5000

/** Field numbers of parley.chat.v1.Content, the kinds of entries. */
export const contentKind = {
  text: 1,
  file: 2,
  image: 3,
  nudge: 4,
  edit: 5,
  recall: 6,
  membership: 7,
  notice: 8,
  erased: 9,
  face: 10,
  sticker: 11,
} as const

const { text, file, image, face, sticker } = contentKind

/** What somebody has said: it can be sent on and taken back. */
export const saidKinds: ReadonlySet<number> = new Set([text, file, image, face, sticker])

/** A refusal's stable reason, or undefined when it may be. */
export type Objection = SendReason | undefined

export type SendReason = keyof typeof sendReasons

/** Why a message can be refused, with the sentence that people see. */
export const sendReasons = {
  NOT_A_MEMBER: 'You are not a member of this conversation, or it does not exist.',
  USER_UNKNOWN: 'There is no such user.',
  SELF: 'You cannot send to yourself.',
  BLOCKED: 'This user does not accept your messages.',
  STRANGER_TEXT_ONLY: 'Until they answer or become a contact, you can send them text only.',
  STRANGER_LIMIT: 'You have sent three messages; wait until they answer.',
  DISSOLVED: 'This group was dissolved.',
  READ_ONLY: 'Nobody writes into a notices log.',
  CONTENT_NOT_ALLOWED: 'Content of this kind cannot be sent or forwarded.',
  NO_SUCH_ENTRY: 'The entry this refers to does not exist or cannot be seen.',
  NOT_YOURS: 'Only the sender may change this entry.',
  NOT_EDITABLE: 'Only texts can be edited, and not after a recall.',
  EDITED_TOO_OFTEN: `A text can be edited ${maxEdits} times.`,
  NOT_RECALLABLE: 'Only what was said can be recalled, and only once.',
  TOO_LATE: 'It is too late to recall this entry.',
  TOO_SOON: 'One nudge in five seconds is enough.',
  ATTACHMENT_UNKNOWN: 'The attachment is unknown, expired or not yours.',
  ID_CONFLICT: 'Another message was sent under this id.',
} as const

/** What is known of the two sides of a direct conversation. */
export interface DirectFacts {
  readonly areContacts: boolean
  readonly blocked: boolean
  readonly unanswered: number
  readonly kind: number
}

/** May this sender write to this person (strangers' rule, protocol.md section 10)? */
export function maySendDirect(facts: DirectFacts): Objection {
  if (facts.blocked) return 'BLOCKED'
  if (facts.areContacts) return undefined
  if (facts.kind === contentKind.recall || facts.kind === contentKind.edit) return undefined
  if (facts.kind !== contentKind.text) return 'STRANGER_TEXT_ONLY'
  return facts.unanswered >= strangerTexts ? 'STRANGER_LIMIT' : undefined
}

/** What is known of the entry that an edit or recall is about. */
export interface TargetFacts {
  readonly kind: number
  readonly isOwn: boolean
  readonly sentAtMs: number
}

/** May this entry, edited so often already, be given other words? */
export function mayEdit(target: TargetFacts | undefined, edits: number): Objection {
  if (target === undefined) return 'NO_SUCH_ENTRY'
  if (!target.isOwn) return 'NOT_YOURS'
  if (target.kind !== contentKind.text) return 'NOT_EDITABLE'
  return edits >= maxEdits ? 'EDITED_TOO_OFTEN' : undefined
}

/** May this entry be taken back, by its sender or by an admin of the group? */
export function mayRecall(
  target: TargetFacts | undefined,
  isAdmin: boolean,
  nowMs: number,
): Objection {
  if (target === undefined) return 'NO_SUCH_ENTRY'
  if (!saidKinds.has(target.kind)) return 'NOT_RECALLABLE'
  if (isAdmin) return undefined
  if (!target.isOwn) return 'NOT_YOURS'
  return nowMs - target.sentAtMs > recallMs ? 'TOO_LATE' : undefined
}

/** May another nudge go out? */
export function mayNudge(lastAtMs: number, nowMs: number): Objection {
  return nowMs - lastAtMs < nudgeMs ? 'TOO_SOON' : undefined
}
