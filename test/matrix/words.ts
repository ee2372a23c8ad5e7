import type { chat } from '@parley/proto'

/** What a message says. */
export type Body = NonNullable<chat.Content['content']>

/** A text. */
export const words: Body = { $case: 'text', value: { text: 'words' } }
