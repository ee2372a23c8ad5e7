const maxNameChars = 200
const fallbackName = 'download'

// C0, DEL, C1, bidi and line controls, zero-width and other format characters, lone surrogates.
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** A client's file name made fit to be offered to another: no path, nothing invisible, no leading dots or dashes. */
export function safeName(name: string | undefined): string {
  const bare = (name ?? '').replaceAll(invisible, '').split(/[/\\]/).at(-1) ?? ''
  const trimmed = bare.trim().replace(/^[.\-\s]+/, '')
  const short = [...trimmed].slice(0, maxNameChars).join('')
  return short === '' ? fallbackName : short
}

/** A `Content-Disposition` that makes any browser save the bytes under that name (RFC 6266, RFC 8187). */
export function attachment(name: string | undefined): string {
  const safe = safeName(name)
  const ascii = safe.replaceAll(/[^\x20-\x7e]|["\\%]/gu, '_')
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encodeExtended(safe)}`
}

// encodeURIComponent leaves five characters that RFC 8187 wants encoded.
function encodeExtended(text: string): string {
  const escaped = (char: string) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`
  return encodeURIComponent(text).replaceAll(/['()*!]/g, escaped)
}
