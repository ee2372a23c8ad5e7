import { fileNameParts, safeFileName } from '@parley/words'

/** `photo.jpg`, then `photo (1).jpg` and so on: the nth name to try when the ones before are taken. */
export function numberedFileName(name: string, nth: number): string {
  if (nth === 0) return name
  const { stem, extension } = fileNameParts(name)
  return `${stem} (${nth})${extension}`
}

const extensions: Readonly<Record<string, string>> = {
  'image/jpeg': '.jpg',
  'image/png': '.png',
  'image/webp': '.webp',
  'image/gif': '.gif',
  'image/avif': '.avif',
}

/** The name for a downloaded attachment; an image's extension says what it became on the server. */
export function attachmentFileName(
  attachment: { readonly name: string; readonly mediaType: string },
  variant: 'thumb' | 'preview' | 'full' = 'full',
): string {
  const name = safeFileName(attachment.name)
  // The image server writes its smaller variants as WebP, whatever the full one is.
  const made = variant === 'full' ? extensions[attachment.mediaType] : '.webp'
  const { stem, extension } = fileNameParts(name)
  const same = made === undefined || extensionsOf(made).includes(extension.toLowerCase())
  return `${stem}${variant === 'full' ? '' : `-${variant}`}${same ? extension : made}`
}

function extensionsOf(extension: string): string[] {
  return extension === '.jpg' ? ['.jpg', '.jpeg'] : [extension]
}
