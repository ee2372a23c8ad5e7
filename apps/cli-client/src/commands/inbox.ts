import { idText } from '@parley/client'
import { chat } from '@parley/proto'
import type { Command } from 'commander'
import { clockText } from '@parley/words'
import type { Cli } from '../cli.ts'
import { conversationLine, conversationName } from '../conversation-line.ts'
import { entryLine } from '../entry-line.ts'
import { entrySummary } from '../entry-text.ts'
import { contacts, conversations } from '../look-up.ts'
import { example } from '../options.ts'
import type { JsonLine } from '../output.ts'
import { withCalls } from '../session.ts'
import type { Asking } from '../session.ts'
import { table } from '../terminal/table.ts'

interface InboxRow {
  readonly line: JsonLine
  readonly cells: readonly string[]
}

/** `parley inbox`. */
export function define(command: Command, cli: Cli): void {
  command
    .option('-u, --unread', 'only conversations with unread entries')
    .addHelpText('after', example('parley inbox --unread'))
    .action((options: { unread?: true }) => showInbox(cli, options.unread === true))
}

function showInbox(cli: Cli, unreadOnly: boolean): Promise<void> {
  return withCalls(cli, async (asking) => {
    const requests = (await contacts(asking.calls)).filter(isRequest)
    const { groups } = await asking.calls.groups.list()
    const invitations = groups.filter((group) => group.invited)
    const open = [...requests.map(({ userId }) => userId), ...invitations.map(groupId)]
    const waiting = new Set(open.map((id) => idText(id)))
    const rows = [
      ...requests.map(requestRow),
      ...invitations.map(invitationRow),
      ...(await conversationRows(asking, unreadOnly, waiting)),
    ]
    const lines = rows.map((row) => row.line)
    cli.out.results(lines, () => table(rows.map((row) => row.cells)), 'nothing here yet')
  })
}

function groupId(group: chat.Group): Uint8Array {
  return group.conversationId
}

async function conversationRows(
  { calls }: Asking,
  unreadOnly: boolean,
  waiting: ReadonlySet<string>,
): Promise<InboxRow[]> {
  const rows: InboxRow[] = []
  for await (const summary of conversations(calls)) {
    if (!unreadOnly || summary.unread > 0) rows.push(conversationRow(summary, waiting))
  }
  return rows
}

// The notice of a request or an invitation stays in the log; what it asked for may be settled.
function isAnswered(last: chat.Entry | undefined, waiting: ReadonlySet<string>): boolean {
  const content = last?.content?.content
  if (content?.$case !== 'notice') return false
  const { kind, userId, conversationId } = content.value
  if (kind === chat.Notice_Kind.CONTACT_REQUESTED) return !waiting.has(idText(userId))
  if (kind === chat.Notice_Kind.GROUP_INVITED) return !waiting.has(idText(conversationId))
  return false
}

function conversationRow(
  summary: chat.ConversationSummary,
  waiting: ReadonlySet<string>,
): InboxRow {
  const { headSeq, readSeq, unread, last, left, dissolved } = summary
  const conversationId = idText(summary.conversationId)
  const lastLine = last ? entryLine({ conversationId, seq: headSeq, entry: last }) : null
  const conversation = conversationLine(summary.info)
  const counts = { headSeq, readSeq, unread, left, dissolved }
  const marks = [left ? '(left)' : '', dissolved ? '(dissolved)' : ''].filter(Boolean).join(' ')
  const isSettled = isAnswered(last, waiting)
  const words = last ? `${entrySummary(last)}${isSettled ? ' (answered)' : ''}` : ''
  const when = last ? clockText(last.sentAtMs) : ''
  const name = `${conversationName(summary.info)} ${marks}`.trimEnd()
  return {
    line: {
      type: 'conversation',
      conversationId,
      conversation,
      ...counts,
      last: lastLine,
      answered: isSettled,
    },
    cells: [name, unread > 0 ? `${unread} new` : '', when, words],
  }
}

function isRequest(contact: chat.Contact): boolean {
  return contact.state === chat.ContactState.REQUESTED && !contact.blocked
}

function requestRow(contact: chat.Contact): InboxRow {
  const { name, text, changedAtMs } = contact
  const line = { type: 'friend-request', userId: idText(contact.userId), name, text, changedAtMs }
  return { line, cells: [`@${name}`, 'asks', clockText(changedAtMs), text || 'to be your friend'] }
}

function invitationRow(group: chat.Group): InboxRow {
  const { title, invitedBy } = group
  const conversationId = idText(group.conversationId)
  const line = { type: 'invitation', conversationId, title, invitedBy }
  return { line, cells: [`#${title}`, 'invites', '', `@${invitedBy} invites you`] }
}
