import { chat } from '@parley/proto'

/** The words of an encoded entry that is a text or an edit; empty for all others. */
export function textOf(entry: Uint8Array): string {
  const content = chat.Entry.decode(entry).content?.content
  return content?.$case === 'text' || content?.$case === 'edit' ? content.value.text : ''
}
