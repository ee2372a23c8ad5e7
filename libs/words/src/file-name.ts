const maxNameBytes = 200
/** So much is looked at before the extension: no system allows more, and some steps take the square of it. */
const maxSeenChars = 1_024
const unnamed = 'unnamed'

const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu
const dashes = String.raw`\-\u2010-\u2015\u2212\uFE58\uFE63\uFF0D`
const leading = new RegExp(String.raw`^[.\s${dashes}]+`, 'u')

/** The name under which a file may be stored, whatever its sender calls it: no path, no controls, no leading dots or dashes, at most 200 bytes. */
export function safeFileName(name: string): string {
  const last = name
    .split(/[/\\\u2044\u2215\u29F8\uFF0F\uFF3C]/u)
    .findLast((part) => part.trim() !== '')
  const plain = beginningOf(last ?? '')
    .normalize('NFC')
    .replaceAll(invisible, '')
    .replaceAll(/[<>:"|?*]/g, '_')
  const bare = plain.replace(leading, '').replace(/[.\s]+$/u, '')
  return bare === '' ? unnamed : cutBytes(bare)
}

function beginningOf(name: string): string {
  const { stem, extension } = fileNameParts(name)
  return stem.slice(0, maxSeenChars) + extension
}

function cutBytes(name: string): string {
  if (Buffer.byteLength(name) <= maxNameBytes) return name
  const { stem, extension } = fileNameParts(name)
  const room = maxNameBytes - Buffer.byteLength(extension)
  const kept = Buffer.from(stem)
    .subarray(0, room)
    .toString('utf8')
    .replace(/\uFFFD+$/u, '')
  return kept + extension
}

/** A name before its extension, and that with its dot. What looks like one but is longer than any is part of the name. */
export function fileNameParts(name: string): { stem: string; extension: string } {
  const dot = name.lastIndexOf('.')
  if (dot <= 0 || name.length - dot > 16) return { stem: name, extension: '' }
  return { stem: name.slice(0, dot), extension: name.slice(dot) }
}
