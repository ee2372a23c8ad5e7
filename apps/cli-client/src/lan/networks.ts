import { BlockList } from 'node:net'
import { networkInterfaces } from 'node:os'
import { AppError } from '@parley/errors'

/** One of this machine's addresses, and the network behind it. */
export interface Network {
  /** IPv4, in dots. */
  readonly address: string
  readonly broadcast: string
  /** Is this address in the same network? */
  readonly has: (address: string) => boolean
}

const maxNetworks = 8

/**
 * The IPv4 networks that this machine is in, at most 8: those with these addresses of its own, or
 * all but loopback when none is named. Throws `AppError` (unavailable, NO_NETWORK).
 */
export function networksOf(addresses: readonly string[]): Network[] {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  const chosen = all.filter(({ family, internal, address }) => {
    return family === 'IPv4' && (addresses.length === 0 ? !internal : addresses.includes(address))
  })
  if (chosen.length === 0) {
    const which = addresses.length === 0 ? '' : ` with ${addresses.join(' or ')}`
    throw new AppError('unavailable', 'NO_NETWORK', `this machine is in no IPv4 network${which}`)
  }
  return chosen.slice(0, maxNetworks).map(({ address, netmask }) => networkOf(address, netmask))
}

/** The network of an address. */
export function networkOf(address: string, netmask: string): Network {
  const mask = numberOf(netmask)
  const broadcast = textOf((numberOf(address) | ~mask) >>> 0)
  const list = new BlockList()
  list.addSubnet(address, Math.clz32(~mask >>> 0))
  return { address, broadcast, has: (other) => list.check(other) }
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0)
}

function textOf(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.')
}
