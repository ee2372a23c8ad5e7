import { isIPv6 } from 'node:net'

/** Whom a caller's `address:port` counts as: an IPv4 address, or the /64 network of an IPv6 one. */
export function callerAddress(peer: string): string {
  const host = peer
    .replace(/^ipv[46]:/, '')
    .replace(/:\d{1,5}$/, '')
    .replace(/^\[(.*)\]$/, '$1')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host)?.[1]
  if (mapped !== undefined) return mapped
  return isIPv6(host) ? network(host) : host
}

function network(address: string): string {
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? []
  const groups = head === '' ? [] : head.split(':')
  const rest = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array<string>(8 - groups.length - rest.length).fill('0')
  const first = [...groups, ...zeros, ...rest].slice(0, 4)
  return first.map((group) => Number.parseInt(group, 16).toString(16)).join(':')
}
