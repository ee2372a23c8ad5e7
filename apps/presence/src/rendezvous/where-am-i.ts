import { endpointText } from './endpoint.ts'
import type { Endpoint } from './endpoint.ts'

// 16 bytes in hexadecimal tell answers apart; what follows fills the datagram up.
const shape = /^where,([\da-f]{32})(?:,x*)?$/

/**
 * Tells a client behind a NAT at which address others see its datagrams: `where,<32 hex digits>,xxx...` is
 * answered `here,<the same digits>,ip:port`. Undefined for anything else, and for what is shorter than its
 * answer: whoever forges the address of another must not make it get more than was sent.
 */
export function whereAnswer(bytes: Uint8Array, source: Endpoint): string | undefined {
  const [, nonce] = shape.exec(Buffer.from(bytes).toString('latin1')) ?? []
  if (nonce === undefined) return undefined
  const answer = `here,${nonce},${endpointText(source)}`
  return Buffer.byteLength(answer) <= bytes.length ? answer : undefined
}
