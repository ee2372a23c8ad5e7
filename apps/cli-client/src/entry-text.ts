import { chat } from '@parley/proto'
import { clockText, entryWords, isSaid, visibleLine } from '@parley/words'
import type { PlacedEntry } from './entry-line.ts'

/** An entry as people read it: time, number, sender and words; further lines are indented, so that none can be forged. */
export function entryText(placed: PlacedEntry): string {
  const { seq, entry, edited } = placed
  const head = `${clockText(entry.sentAtMs)} #${seq} `
  const marks = `${entry.forwarded ? ' (forwarded)' : ''}${edited ? ' (edited)' : ''}`
  const reply = entry.replyToSeq > 0 ? `(re #${entry.replyToSeq}) ` : ''
  const body = `${reply}${entryWords(entry)}${hintOf(entry)}${marks}`
  const who = isSaid(entry) ? `${visibleLine(entry.senderName)}: ` : '* '
  return `${head}${who}${body.replaceAll('\n', '\n    ')}`
}

/** The words of an entry on one line, for lists. */
export function entrySummary(entry: chat.Entry): string {
  const said = isSaid(entry) && entry.senderName !== ''
  return visibleLine(`${said ? `${entry.senderName}: ` : ''}${entryWords(entry)}${hintOf(entry)}`)
}

/** What to type about it, where something is asked. */
function hintOf({ content }: chat.Entry): string {
  if (content?.content?.$case !== 'notice') return ''
  const { kind, userName } = content.content.value
  if (kind !== chat.Notice_Kind.CONTACT_REQUESTED) return ''
  return ` (parley friends accept ${visibleLine(userName)})`
}
