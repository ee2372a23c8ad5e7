import { bytesKey } from '../domain/bytes.ts'

/** How many of the latest numbers of a relay are remembered; what is older counts as unknown. */
export const rememberedNumbers = 4_096
/** How many starts of relays are remembered; the one unheard of longest is forgotten. */
export const rememberedBoots = 64

/** The numbers of one relay's batches that were heard: a ring of bits. */
interface Heard {
  highest: number
  readonly bits: Uint8Array
}

/** Tells batches that were heard before from new ones. */
export class ReplayGuard {
  readonly #boots = new Map<string, Heard>()

  /** What is known of this batch; `old` when it is too long ago to know. Marks it as heard. */
  hear(bootId: Uint8Array, number: number): 'new' | 'heard' | 'old' {
    const heard = this.#of(bytesKey(bootId))
    if (number <= heard.highest - rememberedNumbers) return 'old'
    const slot = number % rememberedNumbers
    if (number > heard.highest) advance(heard, number)
    else if (heard.bits[slot] === 1) return 'heard'
    heard.bits[slot] = 1
    return 'new'
  }

  #of(boot: string): Heard {
    const known = this.#boots.get(boot) ?? { highest: 0, bits: new Uint8Array(rememberedNumbers) }
    // The one heard last stands last.
    this.#boots.delete(boot)
    this.#boots.set(boot, known)
    const [eldest] = this.#boots.keys()
    if (this.#boots.size > rememberedBoots && eldest !== undefined) this.#boots.delete(eldest)
    return known
  }
}

function advance(heard: Heard, number: number): void {
  if (number - heard.highest >= rememberedNumbers) heard.bits.fill(0)
  else for (let at = heard.highest + 1; at < number; at += 1) heard.bits[at % rememberedNumbers] = 0
  heard.highest = number
}
