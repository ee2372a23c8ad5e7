import { join } from 'node:path'
import { AppError } from '@parley/errors'
import { readIfThere, systemScheduler, writeFileDurably } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { inTurn } from './in-turn.ts'
import { foldedName } from './lan-name.ts'
import { idOf } from './peers.ts'
import type { KnownPeer, NamedKey, Standing } from './standing.ts'
import { standingOf } from './standing.ts'

const maxKnown = 1_000

/** How long a change waits for those of other processes. */
const turnLimitMs = 15_000

/**
 * Whose keys were proven to this device, kept in its folder and changed by one process at a time. Beyond
 * 1,000 nobody new is remembered: who brings many keys must not make this device forget whom it knows.
 */
export class KnownPeers {
  readonly #path: string
  readonly #lockPath: string
  readonly #scheduler: Scheduler
  #writing: Promise<unknown> = Promise.resolve()

  constructor(home: string, scheduler: Scheduler = systemScheduler) {
    this.#path = join(home, 'lan-peers.json')
    this.#lockPath = join(home, 'lan-peers')
    this.#scheduler = scheduler
  }

  /** Everybody; throws `AppError` (corrupt, LAN_PEERS_BROKEN). */
  async all(): Promise<KnownPeer[]> {
    const text = await readIfThere(this.#path)
    return text === undefined ? [] : parse(text, this.#path)
  }

  /** Remembers a proven key and answers how it stood before; throws as all that change do: `AppError` (unavailable, LAN_PEERS_BUSY) after 15 s. */
  async meet(peer: NamedKey, nowMs: number): Promise<Standing> {
    const endMs = this.#endMs()
    const known = await this.all()
    // Most are remembered already: they wait for nobody.
    if (!isNews(peer, known)) return standingOf(peer, known)
    return this.#change(async (now) => {
      const key = idOf(peer.publicKey)
      const met = { name: peer.name, key, metAtMs: nowMs, trusted: false }
      if (isNews(peer, now)) await this.#keep([...now.filter((each) => each.key !== key), met])
      return standingOf(peer, now)
    }, endMs)
  }

  /** The user vouches for this key, and says whose account it is where they know. */
  trust(peer: NamedKey, userId: string | undefined, nowMs: number): Promise<void> {
    return this.#change(async (known) => {
      const key = idOf(peer.publicKey)
      const own = known.find((each) => each.key === key)
      const account = userId ?? own?.userId
      if (known.length >= maxKnown && known.every((each) => each.trusted && each !== own))
        throw full()
      const trusted: KnownPeer = {
        name: peer.name,
        key,
        metAtMs: own?.metAtMs ?? nowMs,
        trusted: true,
        ...(account === undefined ? {} : { userId: account }),
      }
      await this.#keep([...known.filter((each) => each !== own), trusted])
    })
  }

  /** Forgets a key; false when it was not known. */
  forget(key: string): Promise<boolean> {
    return this.#change(async (known) => {
      const rest = known.filter((each) => each.key !== key)
      if (rest.length < known.length) await this.#keep(rest)
      return rest.length < known.length
    })
  }

  // One after the other, here and of all processes: two who come at once must not overwrite each other.
  #change<T>(work: (known: KnownPeer[]) => Promise<T>, endMs = this.#endMs()): Promise<T> {
    const turn = { lockPath: this.#lockPath, scheduler: this.#scheduler, endMs }
    const done = this.#writing.then(() => inTurn(turn, async () => work(await this.all())))
    this.#writing = done.catch(() => undefined)
    return done
  }

  // Whoever comes waits no longer for having waited for others here.
  #endMs(): number {
    return this.#scheduler.monotonic() + turnLimitMs
  }

  async #keep(known: readonly KnownPeer[]): Promise<void> {
    // Only one whom the user trusts comes on top: the stranger met last makes room.
    const surplus = known.length > maxKnown ? known.findLast(({ trusted }) => !trusted) : undefined
    const kept = known.filter((each) => each !== surplus)
    await writeFileDurably(this.#path, `${JSON.stringify(kept, null, 1)}\n`)
  }
}

// Somebody new for whom there is room, or a known key under another name.
function isNews({ name, publicKey }: NamedKey, known: readonly KnownPeer[]): boolean {
  const own = known.find(({ key }) => key === idOf(publicKey))
  return own ? foldedName(own.name) !== foldedName(name) : known.length < maxKnown
}

// To take a broken file for an empty one would make everybody new, also who is not who they were.
function parse(text: string, path: string): KnownPeer[] {
  try {
    const value: unknown = JSON.parse(text)
    if (Array.isArray(value) && value.every(isKnownPeer)) return value
  } catch {
    // Said below.
  }
  throw new AppError('corrupt', 'LAN_PEERS_BROKEN', `${path} cannot be read; move it away`)
}

function full(): AppError {
  const words = `${maxKnown} keys are trusted; forget one first`
  return new AppError('exhausted', 'TOO_MANY_TRUSTED', words)
}

function isKnownPeer(value: unknown): value is KnownPeer {
  if (typeof value !== 'object' || value === null) return false
  const { name, key, metAtMs, trusted, userId } = value as Record<string, unknown>
  const isAccount = userId === undefined || typeof userId === 'string'
  const isKey = typeof key === 'string' && /^[0-9a-f]{64}$/.test(key)
  return (
    typeof name === 'string' &&
    isKey &&
    Number.isFinite(metAtMs) &&
    typeof trusted === 'boolean' &&
    isAccount
  )
}
