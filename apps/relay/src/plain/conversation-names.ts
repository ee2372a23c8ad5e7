import { chat } from '@parley/proto'
import type { Scheduler } from '@parley/service-kit'
import { bytesKey } from '../domain/bytes.ts'
import type { Session } from '../session/session.ts'
import { labelIn, labelWithId, labelledGroups, titleLabel } from './group-labels.ts'
import type { LabelledGroup } from './group-labels.ts'

/** So old may the labels be under which messages are shown: naming all groups again costs their number. */
const labelsMs = 1_000

/** How the groups of a session are called by somebody who knows no ids. */
export class ConversationNames {
  readonly #session: Session
  readonly #scheduler: Scheduler
  /** What conversations are, and newer titles of some; by the bytes of their ids. */
  readonly #learnt = new Map<string, chat.ConversationInfo>()
  readonly #renamed = new Map<string, string>()
  #labels = new Map<string, string>()
  #labelledAtMs = -Infinity

  constructor(session: Session, scheduler: Scheduler) {
    this.#session = session
    this.#scheduler = scheduler
  }

  /** Learns what a conversation is. */
  learn(id: Uint8Array, info: chat.ConversationInfo): void {
    this.#learnt.set(bytesKey(id), info)
  }

  /** Learns of another title from the entry that gave it. */
  hear(id: Uint8Array, { content }: chat.Entry): void {
    if (content?.content?.$case !== 'membership') return
    const { change, title } = content.content.value
    if (change === chat.Membership_Change.RENAMED) this.#renamed.set(bytesKey(id), title)
  }

  /** The groups that the user is in. */
  get groups(): LabelledGroup[] {
    return labelledGroups(this.#session.places.values(), this.#renamed)
  }

  /** The label of a conversation; empty for what is no group. */
  labelOf(id: Uint8Array): string {
    const key = bytesKey(id)
    const info = this.#learnt.get(key)
    if (info?.kind !== chat.ConversationKind.GROUP) return ''
    const labels = this.#fresh()
    const known = labels.get(key)
    if (known !== undefined) return known
    // The user has left it, or has just come: an answer to it must not go to another one.
    const label = titleLabel(this.#renamed.get(key) ?? info.title)
    return [...labels.values()].includes(label) ? labelWithId(label, id) : label
  }

  /**
   * The group that is meant by the first of these readings that names one; undefined for the name of a
   * person, null for a group that is not there.
   */
  groupIn(readings: readonly string[]): Uint8Array | undefined | null {
    const wanted = readings.map(labelIn).filter((label) => label !== undefined)
    if (wanted.length === 0) return undefined
    const ids = new Map(this.groups.map(({ label, id }) => [label, id]))
    return wanted.map((label) => ids.get(label)).find((id) => id !== undefined) ?? null
  }

  #fresh(): ReadonlyMap<string, string> {
    const nowMs = this.#scheduler.monotonic()
    if (nowMs - this.#labelledAtMs < labelsMs) return this.#labels
    this.#labelledAtMs = nowMs
    this.#labels = new Map(this.groups.map(({ id, label }) => [bytesKey(id), label]))
    return this.#labels
  }
}
