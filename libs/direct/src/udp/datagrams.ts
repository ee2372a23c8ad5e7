/** A secret that both sides of one attempt know from whoever brought them together. */
const sessionBytes = 16
/** What is larger is cut into pieces, or lost, on some way. */
export const maxDatagramBytes = 1_200

/** What a datagram is, its first byte. */
const kinds = { probe: 1, first: 2, second: 3, third: 4, sealed: 5 } as const

/** The kinds by their names. */
export type Kind = keyof typeof kinds

const names = new Map(Object.entries(kinds).map(([name, byte]) => [byte as number, name as Kind]))
const headBytes = 1 + sessionBytes
const numberBytes = 8

/** A datagram of one attempt. */
export interface Datagram {
  readonly kind: Kind
  /** What a handshake says, or what was sealed. */
  readonly body: Buffer
  /** Of what was sealed; 0 else. */
  readonly number: number
}

/** Reads what came; undefined for what is none of this session's datagrams. */
export function parseDatagram(bytes: Buffer, session: Uint8Array): Datagram | undefined {
  if (bytes.length < headBytes || bytes.length > maxDatagramBytes) return undefined
  const kind = names.get(bytes[0] ?? 0)
  if (kind === undefined || bytes.compare(session, 0, sessionBytes, 1, headBytes) !== 0) {
    return undefined
  }
  if (kind !== 'sealed') return { kind, body: bytes.subarray(headBytes), number: 0 }
  if (bytes.length < headBytes + numberBytes) return undefined
  const number = Number(bytes.readBigUInt64BE(headBytes))
  if (!Number.isSafeInteger(number)) return undefined
  return { kind, body: bytes.subarray(headBytes + numberBytes), number }
}

/** The bytes of a probe, or of a handshake's message. */
export function plainDatagram(kind: Kind, session: Uint8Array, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([kinds[kind]]), session, body])
}

/** The bytes of what was sealed under a number. */
export function sealedDatagram(session: Uint8Array, number: number, body: Uint8Array): Buffer {
  const numbered = Buffer.alloc(numberBytes)
  numbered.writeBigUInt64BE(BigInt(number))
  return Buffer.concat([Buffer.from([kinds.sealed]), session, numbered, body])
}
