import { isSameEndpoint } from './endpoint.ts'
import type { Endpoint } from './endpoint.ts'

/** A login that was asked for by datagram: nothing of it is proven until its connection comes. */
export interface WaitingLogin {
  readonly name: string
  /** The address of the datagram and the port that the client named. */
  readonly endpoint: Endpoint
  /** Where the datagram said it came from. */
  readonly source: Endpoint
}

/** How many logins wait, and for how long. */
export interface WaitingBounds {
  readonly addresses: number
  readonly perAddress: number
  /** How long a login waits for its connection while nobody waits behind it. */
  readonly lifeMs: number
  /** The same while somebody does. */
  readonly turnMs: number
}

interface Queue {
  readonly logins: WaitingLogin[]
  turnBeganAtMs: number
}

/**
 * Logins that wait for their connections. A connection says nothing but where it comes from, so of each
 * address one login has its turn at a time; the others are not answered before.
 */
export class WaitingLogins {
  readonly #bounds: WaitingBounds
  /** By address; the one that was first heard of longest ago comes first. */
  readonly #queues = new Map<string, Queue>()

  constructor(bounds: WaitingBounds) {
    this.#bounds = bounds
  }

  /** Addresses of which a login waits. */
  get size(): number {
    return this.#queues.size
  }

  /** Takes a login in, or again; true when it is its turn and it may be answered. */
  ask(login: WaitingLogin, nowMs: number): boolean {
    const queue = this.#queueOf(login.source.address, nowMs)
    const known = queue.logins.findIndex((one) => isSameLogin(one, login))
    if (known >= 0) return known === 0
    if (queue.logins.length >= this.#bounds.perAddress) return false
    return queue.logins.push(login) === 1
  }

  /** The login to which a connection from this address belongs; then call `next`. */
  take(address: string, nowMs: number): WaitingLogin | undefined {
    const queue = this.#queues.get(address)
    if (queue === undefined || this.#isOver(queue, nowMs)) return undefined
    return queue.logins[0]
  }

  /** Ends a login's turn; the one whose turn it is now, to be answered. */
  next(address: string, nowMs: number): WaitingLogin | undefined {
    const queue = this.#queues.get(address)
    if (queue === undefined) return undefined
    queue.logins.shift()
    queue.turnBeganAtMs = nowMs
    const [login] = queue.logins
    if (login === undefined) this.#queues.delete(address)
    return login
  }

  /** Ends the turns that are over; the logins whose turn it is now, to be answered. */
  sweep(nowMs: number): WaitingLogin[] {
    const over = [...this.#queues].filter(([, queue]) => this.#isOver(queue, nowMs))
    return over.flatMap(([address]) => this.next(address, nowMs) ?? [])
  }

  // At the bound the oldest goes: a flood of forged addresses has to come within the moment that an honest
  // client takes to connect.
  #queueOf(address: string, nowMs: number): Queue {
    const known = this.#queues.get(address)
    if (known !== undefined) return known
    const queue: Queue = { logins: [], turnBeganAtMs: nowMs }
    this.#queues.set(address, queue)
    const [oldest] = this.#queues.keys()
    if (this.#queues.size > this.#bounds.addresses && oldest !== undefined) {
      this.#queues.delete(oldest)
    }
    return queue
  }

  #isOver({ logins, turnBeganAtMs }: Queue, nowMs: number): boolean {
    const { lifeMs, turnMs } = this.#bounds
    return turnBeganAtMs + (logins.length > 1 ? turnMs : lifeMs) <= nowMs
  }
}

function isSameLogin(one: WaitingLogin, other: WaitingLogin): boolean {
  return one.name === other.name && isSameEndpoint(one.source, other.source)
}
