import { MemoryBlobStore } from '@parley/blob-store'
import type { OpenBlob } from '@parley/blob-store'

/** Where work under way stops until the test lets it go on, in the order that the test chooses. */
export class Gates {
  readonly #waiting: (() => void)[] = []
  #isOpen = false

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Stops whoever calls. */
  async pass(): Promise<void> {
    if (this.#isOpen) return
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** Lets one go on. */
  letOne(pick: number): void {
    const [one] = this.#waiting.splice(pick % Math.max(1, this.#waiting.length), 1)
    one?.()
  }

  /** Lets all go on, and from now on stops nobody. */
  openAll(): void {
    this.#isOpen = true
    for (const one of this.#waiting.splice(0)) one()
  }
}

/** Blobs that stop before and after whatever is done to them. */
export class GatedBlobs extends MemoryBlobStore {
  readonly #gates: Gates

  constructor(gates: Gates) {
    super()
    this.#gates = gates
  }

  override async put(path: string, digest: string): Promise<void> {
    await this.#gates.pass()
    await super.put(path, digest)
    await this.#gates.pass()
  }

  override async open(digest: string): Promise<OpenBlob | undefined> {
    await this.#gates.pass()
    return super.open(digest)
  }

  override async delete(digest: string): Promise<boolean> {
    await this.#gates.pass()
    const wasThere = await super.delete(digest)
    await this.#gates.pass()
    return wasThere
  }
}
