import { BinaryReader } from '@bufbuild/protobuf/wire'
import { chat } from '@parley/proto'

/** Field number of what an entry says. */
const contentField = 5

/**
 * The words of an encoded entry that is a text or an edit; empty for all others. Only the content is
 * decoded: searches and the index read many entries, and a whole one costs three times as much.
 */
export function textOf(entry: Uint8Array): string {
  const reader = new BinaryReader(entry)
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag()
    if (field === contentField) return wordsOf(chat.Content.decode(reader, reader.uint32()))
    reader.skip(type)
  }
  return ''
}

function wordsOf({ content }: chat.Content): string {
  return content?.$case === 'text' || content?.$case === 'edit' ? content.value.text : ''
}
