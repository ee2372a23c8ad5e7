import { endpointText } from './endpoint.ts'
import type { Endpoint } from './endpoint.ts'
import type { ListConnection } from './list-connection.ts'
import type { WaitingLogin } from './waiting-logins.ts'
import { nameKey } from './parse-words.ts'

/** Somebody who is in, for as long as the connection lasts. */
export interface Member extends WaitingLogin {
  readonly connection: ListConnection
  /** True when the name's password was said. */
  readonly isConfirmed: boolean
}

/** Sends a text as one datagram. */
export type SendDatagram = (text: string, to: Endpoint) => void

/** Who is in, told to everybody who is. */
export class Members {
  readonly #byKey = new Map<string, Member>()
  readonly #send: SendDatagram

  constructor(send: SendDatagram) {
    this.#send = send
  }

  get size(): number {
    return this.#byKey.size
  }

  /** The member of that name, in any case of its letters. */
  named(name: string): Member | undefined {
    return this.#byKey.get(nameKey(name))
  }

  /** All members of this moment. */
  all(): Member[] {
    return [...this.#byKey.values()]
  }

  /** Lets somebody in under a name that no member has: the others are told, and it gets the list. */
  add(member: Member): void {
    this.#tellAll('login', member)
    this.#byKey.set(nameKey(member.name), member)
    member.connection.list(this.#list())
  }

  /** Ends a membership, if it has not ended yet; the others are told. */
  remove(member: Member): boolean {
    if (this.named(member.name) !== member) return false
    this.#byKey.delete(nameKey(member.name))
    this.#tellAll('logout', member)
    return true
  }

  /** Ends all memberships without a word. */
  forgetAll(): void {
    this.#byKey.clear()
  }

  #list(): string {
    return `${this.all()
      .map((one) => `${one.name},${endpointText(one.endpoint)};`)
      .join('')}end`
  }

  // By datagram as well: the seed's clients listen at the endpoints that they named, and a member's
  // address is proven by its connection.
  #tellAll(word: 'login' | 'logout', about: Member): void {
    const text = `${word},${about.name},${endpointText(about.endpoint)}`
    for (const member of this.all()) {
      member.connection.tell(text)
      this.#send(text, member.endpoint)
    }
  }
}
