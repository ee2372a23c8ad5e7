import type { Param } from './session.ts'

/**
 * A statement with its parameters in it, for a connection of utf8mb4 without NO_BACKSLASH_ESCAPES.
 * Bytes are written as hexadecimal digits. Throws TypeError for what is no parameter.
 */
export function sqlText(sql: string, params: readonly Param[] = []): string {
  const parts = sql.split('?')
  if (parts.length !== params.length + 1) {
    throw new TypeError(`${parts.length - 1} places for ${params.length} parameters: ${sql}`)
  }
  let text = parts[0] ?? ''
  for (let i = 0; i < params.length; i += 1) text += literal(params[i]) + (parts[i + 1] ?? '')
  return text
}

/** `(?, ?, ?)` for so many parameters. */
export function placesFor(count: number): string {
  return `(${Array.from({ length: count }, () => '?').join(', ')})`
}

function literal(param: Param | undefined): string {
  if (param === null) return 'null'
  if (typeof param === 'string') return `'${param.replace(/[\0\n\r\x1a"'\\]/g, escaped)}'`
  if (typeof param === 'number') {
    if (!Number.isSafeInteger(param)) throw new TypeError(`not a whole number: ${param}`)
    return String(param)
  }
  if (param instanceof Uint8Array) return `x'${hex(param)}'`
  throw new TypeError('a parameter is a number, a string, bytes or null')
}

const escapes: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\n': '\\n',
  '\r': '\\r',
  '\x1a': '\\Z',
}

function escaped(character: string): string {
  return escapes[character] ?? `\\${character}`
}

function hex({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('hex')
}
