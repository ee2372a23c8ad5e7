import { isIPv4, isIPv6 } from 'node:net'
import { formatAddress } from '@parley/service-kit'

/** An IP address and a port: where somebody is spoken to. */
export interface Endpoint {
  /** In the form of `plainAddress`. */
  readonly address: string
  readonly port: number
}

const shape = /^(?:([\d.]{7,15})|\[([\da-fA-F:.]{2,45})(?:%[\w.-]{1,15})?\]):(\d{1,5})$/

/** The endpoint that `ip:port` says, an IPv6 address in brackets; undefined for anything else. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const [, four, six, digits] = shape.exec(text) ?? []
  const port = Number(digits)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return undefined
  if (four !== undefined && isIPv4(four)) return { address: four, port }
  if (six !== undefined && isIPv6(six)) return { address: plainAddress(six), port }
  return undefined
}

/** `ip:port`, an IPv6 address in brackets. */
export function endpointText({ address, port }: Endpoint): string {
  return formatAddress(address, port)
}

/** An address in the form in which addresses are compared: without a zone, IPv4 as IPv4. */
export function plainAddress(address: string): string {
  const bare = address.split('%', 1)[0]?.toLowerCase() ?? ''
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare)?.[1] ?? bare
}

/** True for the same address and port. */
export function isSameEndpoint(one: Endpoint, other: Endpoint): boolean {
  return one.port === other.port && one.address === other.address
}
