import { chat } from '@parley/proto'
import type { Journal } from '../store/journal.ts'
import type { Login } from './engine-world.ts'
import type { FakeDevice, HelloOptions } from './fake-device.ts'

/** Where a reader connects: a world of one engine, or one relay of several. */
interface Door {
  connect(login: Login, options?: HelloOptions): FakeDevice
}

/** A client that keeps logs as the protocol says: n+1 after n, a gap counts as shown. */
export class StrictReader {
  readonly login: Login
  /** By conversation and number: what the device has stored; undefined for what it may not see. */
  readonly logs = new Map<string, (string | undefined)[]>()
  device: FakeDevice | undefined
  /** Set once the device has asked for something again. */
  mayRepeat = false
  #taken = 0

  constructor(login: Login, groups: readonly Buffer[]) {
    this.login = login
    for (const group of groups) this.logs.set(group.toString('hex'), [])
  }

  /** Comes again, with what it has stored. */
  connect(door: Door): void {
    this.take()
    this.device?.cut()
    const cursors = [...this.logs].map(([id, { length: seq }]) => {
      return { conversationId: Buffer.from(id, 'hex'), epoch: 1, seq }
    })
    this.device = door.connect(this.login, { cursors })
    this.#taken = 0
    this.mayRepeat = false
  }

  /** Stores what has arrived; fails when it is not the next, or not the same as before. */
  take(): void {
    for (const event of this.device?.events.slice(this.#taken) ?? []) {
      this.#taken += 1
      if (event.$case !== 'entries' && event.$case !== 'gap') continue
      const log = this.logs.get(event.value.conversationId.toString('hex'))
      if (log === undefined) continue
      if (event.$case === 'gap') {
        for (let seq = event.value.from; seq <= event.value.to; seq += 1) this.#store(log, seq)
        continue
      }
      const { firstSeq, entries } = event.value
      entries.forEach((entry, i) => this.#store(log, firstSeq + i, said(entry)))
    }
  }

  #store(log: (string | undefined)[], seq: number, text?: string): void {
    const { length: level } = log
    // Only a pull may bring again what this stream has brought.
    if (seq > level + 1) throw new Error(`${this.login.name} got ${seq} after ${level}`)
    if (seq <= level && !this.mayRepeat) throw new Error(`${this.login.name} got ${seq} again`)
    if (seq <= level && log[seq - 1] !== text) throw new Error(`${seq} has changed`)
    log[seq - 1] = text
  }
}

/** What a user may see of a group in the end, from the database. */
export async function truth(
  world: { readonly journal: Journal; done<T>(promise: Promise<T>): Promise<T> },
  { user, device }: Login,
  group: string,
): Promise<(string | undefined)[]> {
  const rows = await world.done(world.journal.ask('sessionView', { user, device }))
  const stays = rows.filter((row) => Buffer.from(row.publicId).toString('hex') === group)
  const [first] = stays
  if (first === undefined) return []
  const { conversation, head } = first
  const end = Math.max(...stays.map(({ leftSeq }) => (leftSeq === 0 ? head : leftSeq)))
  const run = await world.done(world.journal.readLog(conversation, 1, end, 1e9))
  return chat.Entries.decode(run.packed).entries.map((entry, i) => {
    const maySee = stays.some(
      (stay) => stay.joinedSeq <= i + 1 && (stay.leftSeq === 0 || stay.leftSeq >= i + 1),
    )
    return maySee ? said(entry) : undefined
  })
}

function said(entry: chat.Entry): string {
  const content = entry.content?.content
  return content?.$case === 'text' ? content.value.text : (content?.$case ?? '')
}
