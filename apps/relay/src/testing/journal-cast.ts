import { randomBytes } from 'node:crypto'
import { chat } from '@parley/proto'
import type { AnswerOf, InputOf, ScriptName } from '../commands/index.ts'
import type { SendInput } from '../commands/send-input.ts'
import { contentKind } from '../domain/may-send.ts'
import { nameKey } from '../domain/names.ts'
import type { Command, CommandOf, Effects, Journal, OutcomeOf } from '../store/journal.ts'

/** A user in a journal. */
export interface CastUser {
  readonly name: string
  readonly user: number
  readonly userId: Uint8Array
  readonly device: number
  readonly deviceId: Uint8Array
}

/** An outcome with everything a test may ask of it. */
export interface Came<Answer> {
  readonly ok: boolean
  readonly answer?: Answer
  readonly duplicate?: boolean
  readonly reason?: string
  readonly effects?: Effects
}

/** Commits one command in a batch of its own. */
export async function commitOne<Name extends ScriptName>(
  journal: Journal,
  command: CommandOf<Name>,
): Promise<Came<AnswerOf<Name>>> {
  const [outcome] = await journal.commit([command as unknown as Command])
  return outcome as OutcomeOf<Name>
}

/** Commits one command; throws when it is refused. */
export async function must<Name extends ScriptName>(
  journal: Journal,
  name: Name,
  input: InputOf<Name>,
): Promise<AnswerOf<Name>> {
  const { ok, answer, reason } = await commitOne(journal, { name, input })
  if (!ok) throw new Error(`${name}: ${reason}`)
  return answer as AnswerOf<Name>
}

/** Makes an account. */
export async function registered(journal: Journal, name: string): Promise<CastUser> {
  const loginId = bytes(16)
  const { userId } = await must(journal, 'registerAccount', {
    name,
    nameKey: nameKey(name),
    skeleton: name,
    password: 'hash',
    codeHash: undefined,
    loginId,
    refreshHash: bytes(32),
    deviceId: undefined,
    deviceName: 'laptop',
  })
  const state = await journal.ask('loginState', { loginId })
  if (state === undefined) throw new Error('the login is not stored')
  return { name, userId, user: state.user, device: state.device, deviceId: state.deviceId }
}

/** Makes two users contacts. */
export async function befriended(journal: Journal, one: CastUser, other: CastUser): Promise<void> {
  await must(journal, 'requestContact', { user: one.user, otherId: other.userId, text: '' })
  await must(journal, 'answerContact', { user: other.user, otherId: one.userId, accept: true })
}

/** What a session would make of a text to somebody, under a new id unless told. */
export function textTo(
  from: CastUser,
  to: { readonly peer: CastUser } | { readonly conversationId: Uint8Array },
  text: string,
  change: Partial<SendInput> = {},
): CommandOf<'sendMessage'> {
  return { name: 'sendMessage', input: { ...contentTo(from, to, textOf(text)), ...change } }
}

/** What a session would make of any content. */
export function contentTo(
  from: CastUser,
  to: { readonly peer: CastUser } | { readonly conversationId: Uint8Array },
  content: NonNullable<chat.Content['content']>,
): SendInput {
  const clientId = bytes(16)
  const entry = chat.Entry.create({
    senderId: Buffer.from(from.userId),
    senderName: from.name,
    clientMessageId: Buffer.from(clientId),
    sentAtMs: Date.now(),
    content: { content },
  })
  const { targetSeq = 0 } = content.value as { targetSeq?: number }
  return {
    sender: from.user,
    conversation: 0,
    conversationId: 'peer' in to ? undefined : to.conversationId,
    peerId: 'peer' in to ? to.peer.userId : undefined,
    clientId,
    digest: new Uint8Array(16),
    kind: contentKind[content.$case],
    targetSeq,
    replyTo: 0,
    sentAtMs: Date.now(),
    entry: chat.Entry.encode(entry).finish(),
    attachment: undefined,
    forwardOf: undefined,
  }
}

/** The contents of a log, texts by their words and others by their names. */
export async function logOf(journal: Journal, conversation: number): Promise<string[]> {
  const run = await journal.readLog(conversation, 1, Number.MAX_SAFE_INTEGER, 1e9)
  return wordsOf(run.packed)
}

/** The same of a run. */
export function wordsOf(packed: Uint8Array): string[] {
  return chat.Entries.decode(packed).entries.map(({ content }) => {
    const said = content?.content
    return said?.$case === 'text' ? said.value.text : (said?.$case ?? '')
  })
}

function textOf(text: string): NonNullable<chat.Content['content']> {
  return { $case: 'text', value: { text } }
}

/** A command that writes something, and then fails for a reason that is no rule: a bug. */
export function buggy(user: CastUser, conversation: number): CommandOf<'ackCursors'> {
  const marks = [user.device, conversation, 1, user.device, conversation + 1, 1.5]
  return { name: 'ackCursors', input: { marks } }
}

export function bytes(count: number): Uint8Array {
  return Uint8Array.from(randomBytes(count))
}
