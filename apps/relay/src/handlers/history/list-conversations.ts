import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import type { ConversationLine } from '../../store/queries/conversation-page.ts'
import { invalid, limitOf } from '../checks.ts'
import { fitting } from '../page.ts'
import { conversationInfo } from './conversation-info.ts'

/** What names, numbers and tags of a conversation need at most. */
const fixedBytes = 512

/** The caller's conversations with unread counts and last lines, newest first. */
export async function listConversations(
  ctx: Context,
  request: chat.ListConversationsRequest,
  { user }: Identity,
): Promise<chat.ListConversationsResponse> {
  const limit = limitOf(request.limit, 200, 100)
  const beforeMessage = messageOf(request.pageToken)
  const lines = await ctx.journal.ask('conversationPage', { user, limit, beforeMessage })
  const page = fitting(lines, ({ entry }) => fixedBytes + entry.length)
  const isLast = !page.cut && lines.length < limit
  return {
    conversations: page.items.map(summary),
    nextPageToken: isLast ? '' : String(page.items.at(-1)?.message ?? ''),
  }
}

function messageOf(pageToken: string): number {
  if (pageToken === '') return 0
  if (/^[1-9]\d{0,15}$/.test(pageToken)) return Number(pageToken)
  throw invalid('PAGE_TOKEN_INVALID', 'this page token was not given by this call')
}

function summary(line: ConversationLine): chat.ConversationSummary {
  return {
    conversationId: Buffer.from(line.publicId),
    epoch: line.epoch,
    info: conversationInfo(line),
    headSeq: line.headSeq,
    readSeq: line.readSeq,
    unread: line.unread,
    last: chat.Entry.decode(line.entry),
    left: line.leftSeq !== 0,
    dissolved: line.dissolved !== 0,
  }
}
