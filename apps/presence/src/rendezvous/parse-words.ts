import { parseEndpoint } from './endpoint.ts'
import type { Endpoint } from './endpoint.ts'

/** What a client of the seed says, by datagram or in a line. */
export interface Words {
  readonly kind: 'login' | 'logout'
  /** In Unicode's form NFKC. */
  readonly name: string
  /** As the client says, which proves nothing. */
  readonly endpoint: Endpoint
}

/** The words of a line; a login's may end with a password. */
export interface LineWords extends Words {
  readonly password: string | undefined
}

/** The most bytes of a datagram, the most characters of a name. */
export const wordBounds = { datagramBytes: 256, nameChars: 32 } as const

// No comma and no semicolon, which part fields and users; who may have which name the relay says.
const nameShape = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}._-]*[\p{L}\p{M}\p{N}])?$/u
const fields = /^(login|logout),([^,]+),([^,]+)(?:,(.*))?$/s

/** What a datagram says: `login,name,ip:port` or `logout,name,ip:port`; undefined for anything else. */
export function parseDatagram(bytes: Uint8Array): Words | undefined {
  if (bytes.length > wordBounds.datagramBytes) return undefined
  const words = parseLine(textOf(bytes).replace(/\r?\n$/, ''))
  if (words === undefined || words.password !== undefined) return undefined
  const { kind, name, endpoint } = words
  return { kind, name, endpoint }
}

/** What a line without its end says: a datagram's words, and after a login a password if any. */
export function parseLine(line: string): LineWords | undefined {
  const [, kind, said = '', where = '', password] = fields.exec(line) ?? []
  const [name, endpoint] = [nameOf(said), parseEndpoint(where)]
  if (name === undefined || endpoint === undefined) return undefined
  if (kind === 'login') return { kind, name, endpoint, password }
  return kind === 'logout' && password === undefined
    ? { kind, name, endpoint, password }
    : undefined
}

/** The form under which names are the same that differ in case or form only. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
}

function nameOf(text: string): string | undefined {
  if (text.length > wordBounds.nameChars * 4 || !text.isWellFormed()) return undefined
  const name = text.normalize('NFKC')
  return nameShape.test(name) && Array.from(name).length <= wordBounds.nameChars ? name : undefined
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text in these bytes; empty when they are none. */
function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    return ''
  }
}
