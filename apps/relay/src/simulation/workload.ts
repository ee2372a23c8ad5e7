import { uuidv7 } from '@parley/service-kit'
import type { Arena } from './arena.ts'
import { MemberOps } from './member-ops.ts'
import type { NaiveClient } from './naive-client.ts'
import type { Target, Waiting } from './outbox.ts'

/** What a run asks of its relays at least. */
const leastOperations = 2_000

/** What clients do while things break: one action every so often, drawn by chance. */
export class Workload {
  readonly #arena: Arena
  readonly #members: MemberOps
  /** Ids that have two senders: nobody else takes them, and nobody takes the own one back. */
  readonly #taken = new Set<string>()
  #bodies = 0

  constructor(arena: Arena) {
    this.#arena = arena
    this.#members = new MemberOps(arena)
  }

  /** Acts until `untilMs`, and until there was enough to do. */
  run(untilMs: number): void {
    const { clock, count } = this.#arena
    const next = () => {
      if (clock.monotonic() >= untilMs && count.operations >= leastOperations) return
      this.#act()
      clock.setTimer(clock.between(20, 140), next)
    }
    next()
  }

  #act(): void {
    const { clock, clients, lasting } = this.#arena
    const client = clock.pick(clock.chance(0.3) ? clients : lasting)
    if (clock.chance(0.1)) return this.#sendByLibrary()
    const draw = clock.random()
    if (draw < 0.68) this.#send(client)
    else if (draw < 0.76) this.#change(client)
    else if (draw < 0.82) this.#repeat(client)
    else if (draw < 0.84) this.#takeIdOfAnother(client)
    else if (draw < 0.9) this.#read(client)
    else if (draw < 0.92) this.#pull(client)
    else if (draw < 0.955) this.#members.act()
    else if (draw < 0.975) client.leave('left')
    else if (draw < 0.985) this.#windBack(client)
    else this.#typing(client)
  }

  #send(client: NaiveClient): void {
    // A few lanes at most, so that nothing piles up while nobody listens.
    if (client.outbox.size > 60) return
    const { clock } = this.#arena
    const target = this.#target(client)
    const count = clock.chance(0.4) ? clock.between(3, 12) : 1
    client.send(Array.from({ length: count }, () => this.#text(client, target)))
    this.#arena.count.operations += count
  }

  #sendByLibrary(): void {
    const { clock, library, count } = this.#arena
    if (library === undefined) return
    const target = this.#target(library)
    const texts = clock.chance(0.3) ? clock.between(2, 8) : 1
    count.operations += texts
    for (let i = 0; i < texts; i += 1) {
      this.#bodies += 1
      library.send(this.#waiting(target, 'text', `${library.name} ${this.#bodies}`, 0))
    }
  }

  #text(client: NaiveClient, target: Target): Waiting {
    const { clock } = this.#arena
    this.#bodies += 1
    const size = clock.chance(0.01) ? clock.between(1_000, 16_000) : 0
    const body = `${client.name} ${this.#bodies}${'.'.repeat(size)}`
    const last = client.accepted.at(-1)
    const isReply = last?.item.target === target && clock.chance(0.2)
    return this.#waiting(target, 'text', body, 0, isReply ? last.seq : 0)
  }

  #waiting(target: Target, kind: Waiting['kind'], body: string, about: number, replyTo = 0) {
    const id = Buffer.from(uuidv7(this.#arena.clock))
    return { id, target, kind, body, about, replyTo, isFlying: false } satisfies Waiting
  }

  #target(client: Pick<NaiveClient, 'login'>): Target {
    const { clock, cast } = this.#arena
    if (clock.chance(0.7)) return { $case: 'conversationId', value: clock.pick(cast.groups).id }
    const others = cast.logins.filter(({ user }) => user !== client.login.user)
    return { $case: 'userId', value: clock.pick(others).userId }
  }

  /** Edits or takes back an own text. */
  #change(client: NaiveClient): void {
    const { clock } = this.#arena
    const recent = client.accepted.slice(-20)
    if (recent.length === 0) return
    const { item, seq } = clock.pick(recent)
    const isEdit = clock.chance(0.6)
    this.#bodies += 1
    const body = isEdit ? `${client.name} ${this.#bodies} edited` : ''
    client.send([this.#waiting(item.target, isEdit ? 'edit' : 'recall', body, seq)])
    this.#arena.count.operations += 1
  }

  /** Sends again what was accepted, from any device of its sender, or with other words. */
  #repeat(client: NaiveClient): void {
    const { clock, clients } = this.#arena
    const own = clients.filter((each) => each.user === client.user)
    const { accepted } = clock.pick(own)
    if (accepted.length === 0) return
    const { item } = clock.pick(accepted)
    this.#arena.count.operations += 1
    if (clock.chance(0.85)) client.repeat(item)
    else client.repeat({ ...item, body: `${item.body} changed` }, true)
  }

  /** Ids are a sender's own: another may use the same one, even for the same words. */
  #takeIdOfAnother(client: NaiveClient): void {
    const { clock, clients } = this.#arena
    const other = clock.pick(clients)
    if (other.user === client.user || other.accepted.length === 0) return
    const { item } = clock.pick(other.accepted.slice(-10))
    const key = item.id.toString('hex')
    if (this.#taken.has(key) || item.target.$case === 'userId') return
    this.#taken.add(key)
    this.#bodies += 1
    const body = clock.chance(0.5) ? item.body : `${client.name} ${this.#bodies} same id`
    client.send([{ ...item, body, replyTo: 0, isFlying: false }])
    this.#arena.count.operations += 1
  }

  #read(client: NaiveClient): void {
    const place = this.#place(client)
    if (place === undefined) return
    this.#arena.count.operations += 1
    client.tell({ $case: 'read', value: { conversationId: place.id, seq: place.level } })
  }

  #pull(client: NaiveClient): void {
    const place = this.#place(client)
    if (place === undefined || !client.isCaughtUp || client.link?.reads !== true) return
    const after = Math.max(0, place.level - this.#arena.clock.between(0, 5))
    const conversation = place.id.toString('hex')
    client.note({ op: 'invoke', f: 'pull', conversation, after })
    this.#arena.count.operations += 1
    client.tell({ $case: 'pull', value: { conversationId: place.id, afterSeq: after } })
  }

  /** A device whose storage was put back to an earlier state. */
  #windBack(client: NaiveClient): void {
    const place = this.#place(client)
    if (place === undefined || client.isTransient) return
    client.leave('wound back')
    client.levels.set(
      place.id.toString('hex'),
      Math.max(0, place.level - this.#arena.clock.between(1, 8)),
    )
  }

  #typing(client: NaiveClient): void {
    const place = this.#place(client)
    if (place === undefined) return
    this.#arena.count.operations += 1
    client.tell({ $case: 'typing', value: { conversationId: place.id, typing: true } })
  }

  #place(client: NaiveClient): { readonly id: Buffer; readonly level: number } | undefined {
    const places = [...client.levels]
    if (places.length === 0) return undefined
    const [conversation, level] = this.#arena.clock.pick(places)
    return { id: client.idOf(conversation), level }
  }
}
