import type { Variant } from '@parley/client'
import { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import { UsageError } from '../exit-code.ts'
import { attachmentFileName } from '../file-name.ts'

/** The image of an entry, also of a sticker. */
export function imageOf(entry: chat.Entry | undefined): chat.Image | undefined {
  const content = entry?.content?.content
  if (content?.$case === 'image') return content.value
  return content?.$case === 'sticker' ? content.value.image : undefined
}

/** The file or image of an entry. */
export function attachmentOf(entry: chat.Entry | undefined): chat.File | chat.Image | undefined {
  const content = entry?.content?.content
  return content?.$case === 'file' ? content.value : imageOf(entry)
}

/** The name to store an entry's attachment under; throws (invalid, NO_ATTACHMENT) where there is none. */
export function nameToStore(entry: chat.Entry | undefined, variant: Variant | undefined): string {
  const attachment = attachmentOf(entry)
  if (!attachment) {
    throw new AppError('invalid', 'NO_ATTACHMENT', 'this entry has no file and no image')
  }
  const isImage = imageOf(entry) !== undefined
  if (!isImage && variant !== undefined) throw new UsageError('only images have variants')
  return attachmentFileName(attachment, isImage ? variant : undefined)
}
