import type { Socket } from 'node:net'
import { peerNetwork } from './peer-network.ts'

/** Counts the open connections of each peer, and says when one has too many. */
export class ConnectionsPerPeer {
  readonly #most: number
  readonly #open = new Map<string, number>()

  constructor(most: number) {
    this.#most = most
  }

  /** Counts a connection until it closes; false, and not counted, when its peer has enough. */
  admit(socket: Pick<Socket, 'remoteAddress' | 'once'>): boolean {
    const peer = peerNetwork(socket.remoteAddress ?? '')
    const count = this.#open.get(peer) ?? 0
    if (count >= this.#most) return false
    this.#open.set(peer, count + 1)
    socket.once('close', () => this.#closed(peer))
    return true
  }

  #closed(peer: string): void {
    const count = (this.#open.get(peer) ?? 1) - 1
    if (count <= 0) this.#open.delete(peer)
    else this.#open.set(peer, count)
  }
}
