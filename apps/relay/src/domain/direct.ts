import type { chat } from '@parley/proto'

/** The most addresses of one device that are handed on. */
export const maxCandidates = 8
/** What listens on lower ports is something else than a device that waits for its peer. */
const minPort = 1_024
const maxPort = 65_535

const offer = 1
const answer = 2
const withdraw = 3
const keyBytes = 32

/** True for a step that means something and brings what it must. */
export function isDirect({ step, publicKey, candidates, deviceId }: chat.Direct): boolean {
  if (step === withdraw) return true
  if (step !== offer && step !== answer) return false
  if ((deviceId.length === 16) !== (step === answer)) return false
  if (publicKey.length !== keyBytes || candidates.length > maxCandidates) return false
  return candidates.every(isCandidate)
}

function isCandidate({ transport, address, port }: chat.DirectCandidate): boolean {
  if (transport !== 1 && transport !== 2) return false
  return port >= minPort && port <= maxPort && isHost(address)
}

/** True for an address that one host may have: nobody is made to call a group, or nobody. */
export function isHost(address: Uint8Array): boolean {
  const [first = 0] = address
  if (address.length === 4) return first > 0 && first < 224
  if (address.length !== 16 || first === 0xff) return false
  // Of those that begin with ten zero bytes only the loopback: the rest are other forms of IPv4.
  if (address.subarray(0, 10).some((byte) => byte !== 0)) return true
  return address.subarray(10, 15).every((byte) => byte === 0) && address[15] === 1
}
