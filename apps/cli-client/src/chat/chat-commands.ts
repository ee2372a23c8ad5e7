import { idText } from '@parley/client'
import { availabilityWord, faceContent, roleWord, visibleLine } from '@parley/words'
import { UsageError } from '../exit-code.ts'
import { download } from '../commands/get.ts'
import { conversations, findEntry, getGroup, sendTarget } from '../look-up.ts'
import { textContent } from '../sending.ts'
import { alreadyThere, upload } from '../sending-attachments.ts'
import type { AttachmentKind } from '../sending-attachments.ts'
import { attachmentSet } from '../transfers/attachment-set.ts'
import { table } from '../terminal/table.ts'
import { conversationName } from '../conversation-line.ts'
import { firstWords, splitPaths } from './chat-line.ts'
import type { ChatRoom } from './chat-room.ts'
import { openConversation } from './open-conversation.ts'

/** A command inside `parley chat`. */
export interface ChatCommand {
  readonly name: string
  /** What follows the name. */
  readonly usage: string
  readonly summary: string
  readonly run: (room: ChatRoom, rest: string) => Promise<void> | void
}

const maxHistory = 200

/** The commands inside `parley chat`, in the order of `/help`. */
export const chatCommands: readonly ChatCommand[] = [
  { name: 'open', usage: '@NAME | #GROUP', summary: 'talk to somebody else', run: open },
  { name: 'reply', usage: 'SEQ TEXT', summary: 'answer an entry', run: reply },
  { name: 'edit', usage: 'SEQ TEXT', summary: 'change the words of a message of yours', run: edit },
  { name: 'recall', usage: 'SEQ', summary: 'take a message back', run: recall },
  { name: 'forward', usage: 'SEQ TARGET', summary: 'send an entry on', run: forward },
  { name: 'nudge', usage: '', summary: 'nudge them', run: nudge },
  { name: 'face', usage: 'NAME', summary: 'send a face', run: face },
  { name: 'send-file', usage: 'PATH..', summary: 'send files', run: attach('file') },
  { name: 'send-image', usage: 'PATH..', summary: 'send images', run: attach('image') },
  { name: 'send-sticker', usage: 'PATH..', summary: 'send stickers', run: attach('sticker') },
  { name: 'send-voice', usage: 'PATH..', summary: 'send voice messages', run: attach('voice') },
  { name: 'send-video', usage: 'PATH..', summary: 'send videos', run: attach('video') },
  { name: 'get', usage: 'SEQ [PATH]', summary: 'download a file or an image', run: get },
  { name: 'history', usage: '[N]', summary: 'show the newest entries again', run: history },
  { name: 'read', usage: '', summary: 'show what is new and mark it as read', run: history },
  { name: 'inbox', usage: '', summary: 'list your conversations', run: inbox },
  { name: 'who', usage: '', summary: 'show who is here, and who is online', run: who },
  { name: 'help', usage: '', summary: 'show this list', run: help },
  { name: 'quit', usage: '', summary: 'leave (Ctrl-D does as well)', run: () => undefined },
]

async function open(room: ChatRoom, rest: string): Promise<void> {
  if (rest === '') throw new UsageError('/open @name or /open #group')
  await room.enter(await openConversation(room.chatting, rest))
}

function reply(room: ChatRoom, rest: string): void {
  const { seq, text } = seqAndText(rest, '/reply SEQ TEXT')
  room.say(textContent(text), { replyToSeq: seq })
}

function edit(room: ChatRoom, rest: string): void {
  const { seq, text } = seqAndText(rest, '/edit SEQ TEXT')
  room.say({ content: { $case: 'edit', value: { targetSeq: seq, text } } })
}

function recall(room: ChatRoom, rest: string): void {
  const targetSeq = seqOf(rest, '/recall SEQ')
  room.say({ content: { $case: 'recall', value: { targetSeq } } })
}

function nudge(room: ChatRoom): void {
  room.say({ content: { $case: 'nudge', value: {} } })
}

function face(room: ChatRoom, rest: string): void {
  if (!/^\S+$/u.test(rest)) throw new UsageError('/face NAME')
  room.say(faceContent(rest))
}

async function forward(room: ChatRoom, rest: string): Promise<void> {
  const { words, rest: to } = firstWords(rest, 1)
  const seq = seqOf(words[0] ?? '', '/forward SEQ TARGET')
  const forwardOf = { conversationId: hereOf(room), seq }
  const target = await sendTarget(room.chatting, to)
  const result = await room.sendTo(target, undefined, { forwardOf, ifUnreachable: 'queue' })
  const how = result.state === 'accepted' ? `as #${result.seq}` : 'when the server is back'
  room.screen.note(`~ forwarded to ${visibleLine(to)} ${how}`)
}

function attach(kind: AttachmentKind) {
  return async (room: ChatRoom, rest: string): Promise<void> => {
    const paths = splitPaths(rest)
    if (paths.length === 0) throw new UsageError(`/send-${kind} PATH..`)
    const { files } = await attachmentSet(paths, 'files-only')
    for (const { path, name } of files) {
      room.screen.note(`~ sending ${visibleLine(path)}`)
      const { content, receipt, instant } = await upload(room.chatting, kind, path)
      if (instant) room.screen.note(`~ ${alreadyThere(name)}`)
      room.say(content, { receipt })
    }
  }
}

async function get(room: ChatRoom, rest: string): Promise<void> {
  const { words, rest: path } = firstWords(rest, 1)
  const seq = seqOf(words[0] ?? '', '/get SEQ [PATH]')
  const place = { conversationId: hereOf(room), seq }
  const { entry } = await findEntry(room.chatting.calls, place.conversationId, seq)
  const output = splitPaths(path)[0]
  await download(room.chatting, place, entry, output === undefined ? {} : { output })
}

async function history(room: ChatRoom, rest: string): Promise<void> {
  const limit = rest === '' ? 20 : Math.min(maxHistory, seqOf(rest, '/history [N]'))
  await room.recent(limit)
}

async function inbox(room: ChatRoom): Promise<void> {
  const rows: string[][] = []
  for await (const { info, unread } of conversations(room.chatting.calls)) {
    rows.push([conversationName(info), unread > 0 ? `${unread} new` : ''])
  }
  room.screen.note(rows.length === 0 ? 'no conversations yet' : table(rows))
}

async function who(room: ChatRoom): Promise<void> {
  const { target, conversationId, name } = mustBeOpen(room)
  const { login } = room.chatting
  const presence = (userId: string) =>
    userId === login.userId ? 'you' : availabilityWord(room.availability(userId))
  if ('userId' in target) return room.screen.note(whoWords(name, presence(target.userId)))
  const id = conversationId ?? target.conversationId
  const { members } = await getGroup(room.chatting.calls, id)
  const rows = members.map((member) => [
    `@${member.name}`,
    roleWord(member.role),
    presence(idText(member.userId)),
  ])
  room.screen.note(table(rows))
}

function whoWords(name: string, presence: string): string {
  return presence === 'unknown' ? `whether ${name} is here is not known` : `${name} is ${presence}`
}

function help(room: ChatRoom): void {
  const rows = chatCommands.map(({ name, usage, summary }) => [`/${name} ${usage}`, summary])
  room.screen.note(`${table(rows)}\nAnything else is said; //x says /x.`)
}

function seqAndText(rest: string, usage: string): { seq: number; text: string } {
  const { words, rest: text } = firstWords(rest, 1)
  if (text === '') throw new UsageError(usage)
  return { seq: seqOf(words[0] ?? '', usage), text }
}

function seqOf(word: string, usage: string): number {
  const seq = Number(word.replace(/^#/u, ''))
  if (Number.isSafeInteger(seq) && seq >= 1) return seq
  throw new UsageError(`${usage}: "${word}" is no number of an entry`)
}

function mustBeOpen(room: ChatRoom) {
  if (room.open) return room.open
  throw new UsageError('no conversation is open: /open @name')
}

function hereOf(room: ChatRoom): string {
  const { conversationId } = mustBeOpen(room)
  if (conversationId !== undefined) return conversationId
  throw new UsageError('nothing was said here yet')
}
