/** The longest name on the LAN, in bytes of UTF-8. */
export const maxNameBytes = 64

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The name in these bytes; undefined when they are none: empty, too long, not UTF-8, invisible or padded. */
export function parseName(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0 || bytes.length > maxNameBytes) return undefined
  try {
    const name = utf8.decode(bytes)
    return /[\p{C}\p{Zl}\p{Zp}]/u.test(name) || name.trim() !== name ? undefined : name
  } catch {
    return undefined
  }
}

/** What two names have in common when people would take one for the other. */
export function foldedName(name: string): string {
  return name.normalize('NFKC').toLowerCase()
}
