import type { chat } from '@parley/proto'
import { row, nobodysId, long, shortId } from './cast.ts'
import type { RowsOf } from './cast.ts'

/** What history refuse. */
export const historyRows: RowsOf<typeof chat.HistoryService> = {
  listConversations: [
    row('LIMIT_OUT_OF_RANGE', 'too many', (c) => c.alice.history.listConversations({ limit: 201 })),
    row('PAGE_TOKEN_INVALID', 'a page token that is none', (c) =>
      c.alice.history.listConversations({ pageToken: '1 or 1=1' }),
    ),
  ],
  listMessages: [
    row('CONVERSATION_UNKNOWN', 'no conversation', (c) =>
      c.alice.history.listMessages({ conversationId: nobodysId }),
    ),
    row('CONVERSATION_UNKNOWN', "others' group", ({ carol, conversationId }) =>
      carol.history.listMessages({ conversationId }),
    ),
    row('CONVERSATION_UNKNOWN', "others' direct conversation", ({ carol, direct }) =>
      carol.history.listMessages({ conversationId: direct }),
    ),
    row('LIMIT_OUT_OF_RANGE', 'a negative limit', ({ alice, direct }) =>
      alice.history.listMessages({ conversationId: direct, limit: -1 }),
    ),
    row('NUMBER_OUT_OF_RANGE', 'a negative number', ({ alice, direct }) =>
      alice.history.listMessages({ conversationId: direct, beforeSeq: -1 }),
    ),
  ],
  search: [
    row('TEXT_TOO_LONG', 'a long query', (c) => c.alice.history.search({ query: long(257) })),
    row('LIMIT_OUT_OF_RANGE', 'too many', (c) =>
      c.alice.history.search({ query: 'hello', limit: 101 }),
    ),
    row('TEXT_EMPTY', 'no query', (c) => c.alice.history.search({ query: ' ' })),
    row('QUERY_WITHOUT_WORDS', 'nothing to look for', (c) =>
      c.alice.history.search({ query: '?!' }),
    ),
    row('ID_MALFORMED', 'a short conversation id', (c) =>
      c.alice.history.search({ query: 'hello', conversationId: shortId }),
    ),
    row('CONVERSATION_UNKNOWN', "others' conversation", ({ carol, direct }) =>
      carol.history.search({ query: 'hello', conversationId: direct }),
    ),
  ],
}
