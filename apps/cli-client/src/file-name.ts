const maxNameBytes = 200
const unnamed = 'unnamed'

const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu
const dashes = String.raw`\-\u2010-\u2015\u2212\uFE58\uFE63\uFF0D`
const leading = new RegExp(String.raw`^[.\s${dashes}]+`, 'u')

/** The name under which a sender's file may be stored here: no path, no controls, no leading dots or dashes, at most 200 bytes. */
export function safeFileName(name: string): string {
  const last = name
    .split(/[/\\\u2044\u2215\u29F8\uFF0F\uFF3C]/u)
    .findLast((part) => part.trim() !== '')
  const plain = (last ?? '')
    .normalize('NFC')
    .replaceAll(invisible, '')
    .replaceAll(/[<>:"|?*]/g, '_')
  const bare = plain.replace(leading, '').replace(/[.\s]+$/u, '')
  return bare === '' ? unnamed : cutBytes(bare)
}

/** `photo.jpg`, then `photo (1).jpg` and so on: the nth name to try when the ones before are taken. */
export function numberedFileName(name: string, nth: number): string {
  if (nth === 0) return name
  const { stem, extension } = parts(name)
  return `${stem} (${nth})${extension}`
}

function cutBytes(name: string): string {
  if (Buffer.byteLength(name) <= maxNameBytes) return name
  const { stem, extension } = parts(name)
  const room = maxNameBytes - Buffer.byteLength(extension)
  const kept = Buffer.from(stem)
    .subarray(0, room)
    .toString('utf8')
    .replace(/\uFFFD+$/u, '')
  return kept + extension
}

// What looks like an extension but is longer than any is part of the name.
function parts(name: string): { stem: string; extension: string } {
  const dot = name.lastIndexOf('.')
  if (dot <= 0 || name.length - dot > 16) return { stem: name, extension: '' }
  return { stem: name.slice(0, dot), extension: name.slice(dot) }
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
  const { stem, extension } = parts(name)
  const same = made === undefined || extensionsOf(made).includes(extension.toLowerCase())
  return `${stem}${variant === 'full' ? '' : `-${variant}`}${same ? extension : made}`
}

function extensionsOf(extension: string): string[] {
  return extension === '.jpg' ? ['.jpg', '.jpeg'] : [extension]
}
