import { SocketAddress, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { NetworkInterfaceInfo } from 'node:os'
import type { Endpoint } from '@parley/direct'
import { chat } from '@parley/proto'
import type { DirectAddress } from '../api.ts'

/** The most addresses that a device tells, and that it calls of another. */
export const maxCandidates = 8

const ipv4Bytes = 4
const ipv6Bytes = 16
/** Of these so many are of each transport. */
const maxOfTransport = maxCandidates / 2
const { TCP, UDP } = chat.DirectTransport

/** Where others may reach what listens here, at one address or (none given) at all: networks first, this machine last. */
export function ownAddresses(host: string, port: number): DirectAddress[] {
  const hosts = host === '' ? addressesHere(networkInterfaces()) : [host]
  return hosts.map((each) => ({ host: each, port }))
}

/** The first addresses for each transport as others are told of them. */
export function candidatesOf(
  tcp: readonly DirectAddress[],
  udp: readonly DirectAddress[] = [],
): chat.DirectCandidate[] {
  const told = (transport: chat.DirectTransport, addresses: readonly DirectAddress[]) =>
    addresses.map(({ host, port }) => ({ transport, address: addressBytes(host), port }))
  const ofUdp = udp.slice(0, maxOfTransport)
  return [...told(TCP, tcp.slice(0, maxCandidates - ofUdp.length)), ...told(UDP, ofUdp)]
}

/** Where datagrams reach this device: where others see it first, then at its own addresses. */
export function udpAddresses(
  hosts: readonly string[],
  port: number,
  outside: Endpoint | undefined,
): DirectAddress[] {
  const inside = hosts.filter((host) => isIP(host) === ipv4Bytes).map((host) => ({ host, port }))
  if (outside === undefined) return inside
  return [{ host: outside.address, port: outside.port }, ...inside]
}

/** The addresses of these interfaces that mean something elsewhere, then one of this machine. */
export function addressesHere(
  interfaces: Readonly<Record<string, NetworkInterfaceInfo[] | undefined>>,
): string[] {
  const all = Object.values(interfaces).flatMap((each) => each ?? [])
  // An address of one link says nothing without the name of the interface, which differs elsewhere.
  const outer = all.filter(({ internal, address }) => !internal && !/^fe[89ab]/i.test(address))
  const sorted = [
    ...outer.filter(({ family }) => family === 'IPv4'),
    ...outer.filter(({ family }) => family === 'IPv6'),
  ]
  return [...sorted.slice(0, maxCandidates - 1).map(({ address }) => address), '127.0.0.1']
}

/** Where to connect to, as `net.connect` takes it; undefined for what is no address of this transport. */
export function hostOf(
  { transport, address, port }: chat.DirectCandidate,
  wanted: chat.DirectTransport = TCP,
) {
  if (transport !== wanted || port < 1 || port > 65_535) return undefined
  if (address.length === ipv4Bytes) return { host: address.join('.'), port }
  if (address.length !== ipv6Bytes) return undefined
  const hex = address.toString('hex').match(/.{4}/g) ?? []
  return { host: hex.join(':'), port }
}

/** The 4 or 16 bytes of an address. */
export function addressBytes(address: string): Buffer {
  if (isIP(address) === ipv4Bytes) return Buffer.from(address.split('.').map(Number))
  // In one form, with zeroes left out at one place at most.
  const { address: text } = new SocketAddress({ address, family: 'ipv6' })
  const [head = '', tail] = text.split('::')
  const words = (part: string) => (part === '' ? [] : part.split(':'))
  const [first, last] = [words(head), words(tail ?? '')]
  const zeroes = tail === undefined ? 0 : 8 - first.length - last.length
  const all = [...first, ...Array.from({ length: zeroes }, () => '0'), ...last]
  return Buffer.from(all.map((word) => word.padStart(4, '0')).join(''), 'hex')
}
