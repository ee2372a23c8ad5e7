import { chat } from '@parley/proto'

/** An entry as people read it: with the words of its newest edit, if it has one. */
export function newestWords(entry: Uint8Array, edit: Uint8Array | null): chat.Entry {
  const original = chat.Entry.decode(entry)
  const change = edit === null ? undefined : chat.Entry.decode(edit).content?.content
  if (change?.$case !== 'edit') return original
  const content = { $case: 'text', value: { text: change.value.text } } as const
  return { ...original, content: { content } }
}
