import { lineEscaping, nameEscaping, textEscaping } from './escaping.ts'

/** What a client of S2 asks for. Names are as they came, escaped. */
export type TextRequest =
  | { readonly code: '101'; readonly name: string; readonly password: string }
  | { readonly code: '102' }
  | { readonly code: '103'; readonly from: string; readonly to: string; readonly text: string }

/** The answer to what was done. */
export const granted = '1|'
/** The answer to everything else. */
export const refused = '0|'

/** What a request says; undefined when it is none. */
export function parseRequest(request: string): TextRequest | undefined {
  const code = request.slice(0, 3)
  if (request[3] !== '|') return undefined
  const rest = request.slice(4)
  if (code === '102') return rest === '' ? { code } : undefined
  // Only the first commas count: passwords and texts hold them, names do not.
  const [first, afterFirst] = cut(rest)
  if (afterFirst === undefined) return undefined
  if (code === '101') return { code, name: first, password: afterFirst }
  const [second, text] = cut(afterFirst)
  if (code !== '103' || text === undefined) return undefined
  return { code, from: first, to: second, text: lineEscaping.unescape(text) }
}

function cut(text: string): [string, string | undefined] {
  const at = text.indexOf(',')
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

/** The answer to 102. */
export function listAnswer(names: readonly string[], atMs: number): string {
  return `1|102@Server@${names.map(nameEscaping.escape).join(',')}@${seedTime(atMs)}`
}

/** A message for the client. */
export function messageAnswer(sender: string, text: string, atMs: number): string {
  return `1|103@${nameEscaping.escape(sender)}@${textEscaping.escape(text)}@${seedTime(atMs)}`
}

/** `2016-1-29 11:11:11`, as the seed writes it, in the zone of this process. */
export function seedTime(atMs: number): string {
  const time = new Date(atMs)
  const two = (number: number) => String(number).padStart(2, '0')
  const day = `${time.getFullYear()}-${time.getMonth() + 1}-${time.getDate()}`
  return `${day} ${time.getHours()}:${two(time.getMinutes())}:${two(time.getSeconds())}`
}

/**
 * What an old client may mean that addresses a message so. It says what it was shown; a title with a
 * picture in it may also have been typed as it reads.
 */
export function readingsOf(shown: string): readonly [asShown: string, asTyped: string] {
  return [nameEscaping.unescape(shown), shown]
}
