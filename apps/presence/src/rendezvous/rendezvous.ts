import type { Socket } from 'node:net'
import { ConnectionsPerPeer } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import type { Events } from '../events.ts'
import { rendezvousLimits as limits } from '../limits.ts'
import { admit } from './admission.ts'
import { isSameEndpoint } from './endpoint.ts'
import type { Endpoint } from './endpoint.ts'
import { ListConnection } from './list-connection.ts'
import { Members } from './members.ts'
import type { Member, SendDatagram } from './members.ts'
import type { NameBook } from './name-book.ts'
import { parseDatagram, parseLine } from './parse-words.ts'
import type { Words } from './parse-words.ts'
import { connectionRate } from './rates.ts'
import { WaitingLogins } from './waiting-logins.ts'
import type { WaitingLogin } from './waiting-logins.ts'

/** What a rendezvous is made of. */
export interface RendezvousParts {
  readonly scheduler: Scheduler
  readonly names: NameBook
  readonly events: Pick<Events, 'rendezvousRefused' | 'rendezvousChanged'>
  /** Where clients connect. */
  readonly port: number
  readonly send: SendDatagram
}

/** The server of the seed's hybrid P2P protocol: datagrams ask, connections prove, members are told. */
export class Rendezvous {
  readonly #parts: RendezvousParts
  readonly #members: Members
  readonly #waiting = new WaitingLogins(limits.waiting)
  readonly #mayCome = connectionRate()
  readonly #perPeer = new ConnectionsPerPeer(limits.connectionsPerAddress)
  readonly #open = new Set<ListConnection>()
  #isClosed = false

  constructor(parts: RendezvousParts) {
    this.#parts = parts
    this.#members = new Members(parts.send)
  }

  /** Members, open connections, addresses whose logins wait. */
  get counts() {
    return { members: this.#members.size, open: this.#open.size, waiting: this.#waiting.size }
  }

  /** Takes a datagram; what is answered is never longer, and nobody else is told anything of a login. */
  heard(bytes: Uint8Array, source: Endpoint): void {
    const words = parseDatagram(bytes)
    if (words?.kind === 'logout') this.#logout(words, source)
    if (words?.kind === 'login') {
      const endpoint = { address: source.address, port: words.endpoint.port }
      const login = { name: words.name, endpoint, source }
      if (this.#waiting.ask(login, this.#parts.scheduler.monotonic())) this.#accept(login)
    }
  }

  /** Takes a connection: with it begins the membership of the login that waits for it. */
  arrived(socket: Socket): void {
    const nowMs = this.#parts.scheduler.monotonic()
    const connection = new ListConnection(socket, this.#parts.scheduler)
    if (
      this.#isClosed ||
      !this.#perPeer.admit(socket) ||
      !this.#mayCome(connection.address, nowMs)
    ) {
      connection.destroy()
      return
    }
    this.#open.add(connection)
    connection.onClose(() => this.#open.delete(connection))
    const login = this.#waiting.take(connection.address, nowMs)
    if (login === undefined) return this.#refuse(connection, 'log in by datagram first')
    this.#accept(this.#waiting.next(connection.address, nowMs))
    void this.#receive(login, connection)
  }

  /** Gives turns on that were not used. */
  sweep(): void {
    const nowMs = this.#parts.scheduler.monotonic()
    for (const login of this.#waiting.sweep(nowMs)) this.#accept(login)
  }

  /** Ends the memberships whose names were registered by somebody meanwhile. */
  async recheck(): Promise<void> {
    for (const member of this.#members.all()) {
      if (member.isConfirmed || this.#members.named(member.name) !== member) continue
      const { name, connection } = member
      const claim = { name, password: '', address: connection.address }
      const standing = await this.#parts.names.check(claim).catch(() => 'unknown')
      if (standing === 'taken' || standing === 'impossible') {
        this.#leave(member)
        this.#refuse(connection, 'the name is registered now')
      }
    }
  }

  /** Ends every connection; nobody is told of the others' ends. */
  close(): void {
    this.#isClosed = true
    this.#members.forgetAll()
    for (const connection of this.#open) connection.destroy()
  }

  #accept(login: WaitingLogin | undefined): void {
    if (login !== undefined) this.#parts.send(`Accept,${this.#parts.port}`, login.source)
  }

  async #receive(login: WaitingLogin, connection: ListConnection): Promise<void> {
    const late = () => this.#refuse(connection, 'it took too long')
    const timer = this.#parts.scheduler.setTimer(limits.admissionMs, late)
    const { names } = this.#parts
    const parts = { names, members: this.#members, maxMembers: limits.members }
    const refused = await admit(parts, { login, connection })
    timer.cancel()
    if (refused !== undefined) return this.#refuse(connection, refused)
    await this.#serve(login, connection)
  }

  async #serve({ name }: WaitingLogin, connection: ListConnection): Promise<void> {
    const member = this.#members.named(name)
    if (member?.connection !== connection) return
    this.#parts.events.rendezvousChanged(this.#members.size)
    connection.onClose(() => this.#leave(member))
    for (let lines = 0; lines < limits.linesOfMember; lines += 1) {
      const line = await connection.nextLine()
      if (line === undefined) return
      if (parseLine(line)?.kind === 'logout') break
    }
    this.#leave(member)
    connection.end()
  }

  // Counts only from where the login came, which the others do not know, and with a name that belongs there.
  #logout(words: Words, source: Endpoint): void {
    const member = this.#members.named(words.name)
    if (member === undefined || !isSameEndpoint(member.source, source)) return
    if (member.endpoint.port !== words.endpoint.port) return
    this.#leave(member)
    member.connection.end()
  }

  #leave(member: Member): void {
    if (this.#members.remove(member)) this.#parts.events.rendezvousChanged(this.#members.size)
  }

  #refuse(connection: ListConnection, why: string): void {
    if (connection.isOver) return
    this.#parts.events.rendezvousRefused(connection.address, why)
    connection.refuse(why)
  }
}
