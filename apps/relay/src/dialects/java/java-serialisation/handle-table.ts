import type { ClassDescriptor, JavaObject } from './known-classes.ts'
import { firstHandle } from './stream-format.ts'
import { Unreadable } from './unreadable.ts'

/** What the things that a stream may still refer to may take; who was not named longest goes first. */
const maxKeptBytes = 256 * 1024
/** What one takes beside its contents. */
const entryBytes = 64

/** What a stream can refer to. */
export type Handled =
  | { readonly kind: 'class'; readonly value: ClassDescriptor }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'bytes'; readonly value: number }
  | { readonly kind: 'object'; readonly value: JavaObject }

interface Entry {
  readonly thing: Handled
  readonly bytes: number
}

/**
 * What a stream has named, by number. A stream that is used for all messages names something new
 * with each, for ever: what was not named for long is let go, and a reference to it is refused.
 * What an element names counts only when the whole element is there.
 */
export class HandleTable {
  /** The one that was named longest ago comes first. */
  readonly #kept = new Map<number, Entry>()
  readonly #named = new Map<number, Entry>()
  readonly #touched = new Set<number>()
  #count = 0
  #countBefore = 0
  #keptBytes = 0

  get keptBytes(): number {
    return this.#keptBytes
  }

  /** Takes the next number, before it is known for what. */
  reserve(): number {
    this.#count += 1
    return this.#count - 1
  }

  /** Says what a reserved number names, and what that takes. */
  fill(index: number, thing: Handled, bytes: number): void {
    this.#named.set(index, { thing, bytes: bytes + entryBytes })
  }

  /** Gives the next number to something. */
  add(thing: Handled, bytes: number): void {
    this.fill(this.reserve(), thing, bytes)
  }

  /** What a reference means. */
  at(handle: number): Handled {
    const index = handle - firstHandle
    const entry = this.#named.get(index) ?? this.#kept.get(index)
    if (entry !== undefined) {
      this.#touched.add(index)
      return entry.thing
    }
    const wasNamed = index >= 0 && index < this.#countBefore
    throw new Unreadable(
      wasNamed ? 'a reference to what was let go: begin a new stream' : 'a reference to nothing',
    )
  }

  /** The element is whole. */
  commit(): void {
    for (const index of this.#touched) this.#touch(index)
    for (const [index, entry] of this.#named) {
      this.#kept.set(index, entry)
      this.#keptBytes += entry.bytes
    }
    this.#countBefore = this.#count
    this.rollback()
    this.#letGo()
  }

  /** The element will be read again from its beginning. */
  rollback(): void {
    this.#named.clear()
    this.#touched.clear()
    this.#count = this.#countBefore
  }

  /** The stream begins anew. */
  clear(): void {
    this.#kept.clear()
    this.#keptBytes = 0
    this.#countBefore = 0
    this.rollback()
  }

  #touch(index: number): void {
    const entry = this.#kept.get(index)
    if (entry === undefined) return
    this.#kept.delete(index)
    this.#kept.set(index, entry)
  }

  #letGo(): void {
    for (const [index, { bytes }] of this.#kept) {
      if (this.#keptBytes <= maxKeptBytes) return
      this.#kept.delete(index)
      this.#keptBytes -= bytes
    }
  }
}
