import type { KeyObject } from 'node:crypto'
import { subjects } from '@parley/bus'
import type { Bus } from '@parley/bus'
import type { Scheduler } from '@parley/service-kit'
import type { Effects } from '../store/journal.ts'
import { Draft } from './draft.ts'
import type { Fact } from './draft.ts'
import type { Concern, Routes } from './routes.ts'
import { asBuffer, sealNews } from './sealed-news.ts'

/** Facts that wait for the store to tell whom they concern; one more is not told, and found by comparing heads. */
export const maxWaitingFacts = 10_000

/** What a publisher needs. */
export interface PublisherParts {
  readonly bus: Bus
  readonly scheduler: Scheduler
  readonly routes: Routes
  readonly key: KeyObject
  readonly bootId: Uint8Array
}

interface Told {
  readonly to: Concern
  readonly fact: Fact
}

/** Tells other relays what happens here: what one turn brings for a subject is one message. */
export class Publisher {
  readonly #parts: PublisherParts
  #facts: Told[] = []
  #scheduled = false
  #learning = false
  #number = 0
  #dropped = 0

  constructor(parts: PublisherParts) {
    this.#parts = parts
  }

  /** Facts that were not told. */
  get dropped(): number {
    return this.#dropped
  }

  /** Tells what a command has changed. */
  effects({ entries, stays, ended, contacts, profiles }: Effects): void {
    const [first] = entries
    if (first !== undefined && entries.length === 1 && stays.length === 0) {
      this.tell({ conversation: first.conversation }, { is: 'change', entries, stays })
    } else this.#mixed(entries, stays)
    const all = { subject: subjects.relays() }
    for (const login of ended) this.tell(all, { is: 'login', login })
    for (const user of contacts) this.tell(all, { is: 'contacts', user })
    for (const user of profiles) this.tell(all, { is: 'profile', user })
  }

  /** Tells one thing at the end of this turn. */
  tell(to: Concern, fact: Fact): void {
    if (this.#facts.length >= maxWaitingFacts) {
      this.#dropped += 1
      return
    }
    this.#facts.push({ to, fact })
    if (this.#scheduled) return
    this.#scheduled = true
    this.#parts.scheduler.soon(() => this.flush())
  }

  /** Sends what is known whom it concerns; the rest waits until the store has told. */
  flush(): void {
    this.#scheduled = false
    const drafts = new Map<string, Draft>()
    const unknown: Told[] = []
    for (const told of this.#facts) {
      const route = this.#parts.routes.of(told.to)
      if (route === undefined) unknown.push(told)
      else for (const subject of route) this.#add(drafts, subject, told.fact)
    }
    for (const [subject, draft] of drafts) this.#send(subject, draft)
    this.#facts = unknown
    if (unknown.length > 0 && !this.#learning) void this.#learn(unknown)
  }

  /** One change for each log, so that an entry travels with the stays that it begins or ends. */
  #mixed(entries: Effects['entries'], stays: Effects['stays']): void {
    const conversations = new Set([...entries, ...stays].map((each) => each.conversation))
    for (const conversation of conversations) {
      const ofIt = (each: { readonly conversation: number }) => each.conversation === conversation
      const change = { entries: entries.filter(ofIt), stays: stays.filter(ofIt) }
      this.tell({ conversation }, { is: 'change', ...change })
    }
    // A relay where the user is may not follow the group yet, or any more.
    for (const stay of stays) {
      this.tell({ user: stay.user }, { is: 'change', entries: [], stays: [stay] })
    }
  }

  #add(drafts: Map<string, Draft>, subject: string, fact: Fact): void {
    let draft = drafts.get(subject)
    if (draft?.isFull === true) {
      this.#send(subject, draft)
      draft = undefined
    }
    if (draft === undefined) drafts.set(subject, (draft = new Draft()))
    draft.add(fact)
  }

  #send(subject: string, { news }: Draft): void {
    const { bus, key, bootId, scheduler } = this.#parts
    this.#number += 1
    const stamp = { bootId: asBuffer(bootId), number: this.#number, sentAtMs: scheduler.now() }
    bus.publish(subject, sealNews(key, subject, { ...news, ...stamp }))
  }

  async #learn(unknown: readonly Told[]): Promise<void> {
    this.#learning = true
    try {
      await this.#parts.routes.learn(unknown.map(({ to }) => to))
    } catch {
      // The store is away: comparing heads finds what is not told.
      this.#dropped += unknown.length
      this.#facts = this.#facts.slice(unknown.length)
    }
    this.#learning = false
    if (this.#facts.length > 0) this.flush()
  }
}
