import { chat } from '@parley/proto'
import { durationText, sizeText } from './amounts.ts'
import { faceText } from './faces.ts'
import { presentationWord, roleWord } from './names.ts'
import { visible, visibleLine } from './visible.ts'

/** What an entry says, in words that are safe to show; a text may have several lines. */
export function entryWords(entry: chat.Entry): string {
  const content = entry.content?.content
  const who = visibleLine(entry.senderName)
  switch (content?.$case) {
    case 'text':
      return visible(content.value.text)
    case 'file':
      return fileWords(content.value)
    case 'image':
      return attachmentWords(`image ${content.value.width}x${content.value.height}`, content.value)
    case 'sticker':
      return stickerWords(content.value)
    case 'face':
      return faceText(content.value.name)
    case 'edit':
      return `${who} changed #${content.value.targetSeq} to: ${visible(content.value.text)}`
    case 'recall':
      return `${who} took #${content.value.targetSeq} back`
    case 'nudge':
      return `${who} nudges`
    case 'membership':
      return membershipWords(content.value)
    case 'notice':
      return noticeWords(content.value)
    case 'erased':
      return '[taken back]'
    case undefined:
      return '[this client is too old to show it]'
  }
}

const saidCases = new Set<string | undefined>([
  'text',
  'file',
  'image',
  'face',
  'sticker',
  'erased',
])

/** Whether somebody has said this, rather than done it. */
export function isSaid(entry: chat.Entry): boolean {
  return saidCases.has(entry.content?.content?.$case)
}

function attachmentWords(what: string, file: { name: string; size: number }): string {
  return `[${what}: ${visibleLine(file.name)}, ${sizeText(file.size)}]`
}

function fileWords(file: chat.File): string {
  const { presentation = 0, durationMs = 0 } = file
  const what = presentation > 0 ? presentationWord(presentation) : 'file'
  return attachmentWords(durationMs > 0 ? `${what} ${durationText(durationMs)}` : what, file)
}

function stickerWords({ image, pack, name }: chat.Sticker): string {
  const words = [name || (image?.name ?? ''), pack && `of ${pack}`].filter(Boolean).join(' ')
  return `[sticker: ${visibleLine(words)}]`
}

const membershipTexts: Readonly<
  Record<number, (member: string, title: string, role: string) => string>
> = {
  [chat.Membership_Change.CREATED]: (_member, title) => `the group ${title} was made`,
  [chat.Membership_Change.JOINED]: (member) => `${member} joined`,
  [chat.Membership_Change.LEFT]: (member) => `${member} left`,
  [chat.Membership_Change.REMOVED]: (member) => `${member} was removed`,
  [chat.Membership_Change.ROLE]: (member, _title, role) => `${member} is ${role} now`,
  [chat.Membership_Change.RENAMED]: (_member, title) => `the group is called ${title} now`,
  [chat.Membership_Change.DISSOLVED]: () => 'the group was dissolved',
  [chat.Membership_Change.PICTURE]: () => 'the group has another picture now',
}

function membershipWords({ change, userName, title, role, picture }: chat.Membership): string {
  if (change === chat.Membership_Change.PICTURE && picture === undefined) {
    return 'the group has no picture any more'
  }
  const write = membershipTexts[change]
  if (!write) return 'the members changed'
  return write(visibleLine(userName), `"${visibleLine(title)}"`, roleWord(role))
}

const noticeTexts: Readonly<Record<number, (who: string, title: string) => string>> = {
  [chat.Notice_Kind.CONTACT_REQUESTED]: (who) => `${who} asks to be your friend`,
  [chat.Notice_Kind.CONTACT_ACCEPTED]: (who) => `${who} is your friend now`,
  [chat.Notice_Kind.CONTACT_REFUSED]: (who) => `${who} refused to be your friend`,
  [chat.Notice_Kind.CONTACT_REMOVED]: (who) => `${who} is no longer your friend`,
  [chat.Notice_Kind.GROUP_INVITED]: (who, title) => `${who} invites you to the group ${title}`,
  [chat.Notice_Kind.GROUP_REMOVED]: (who, title) => `${who} removed you from the group ${title}`,
  [chat.Notice_Kind.GROUP_DISSOLVED]: (who, title) => `${who} dissolved the group ${title}`,
  [chat.Notice_Kind.PASSWORD_CHANGED]: () => 'your password was changed',
  [chat.Notice_Kind.NEW_DEVICE]: () => 'a new device logged in',
}

function noticeWords(notice: chat.Notice): string {
  const write = noticeTexts[notice.kind]
  if (!write) return 'something happened that this client is too old to show'
  const words = write(visibleLine(notice.userName), `"${visibleLine(notice.title)}"`)
  return notice.text === '' ? words : `${words}: ${visible(notice.text)}`
}
