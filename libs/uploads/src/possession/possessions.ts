import { timingSafeEqual } from 'node:crypto'
import type { BlobStore } from '@parley/blob-store'
import { AppError } from '@parley/errors'
import { KeyedRate, delay } from '@parley/service-kit'
import type { Logger, Rate } from '@parley/service-kit'
import type { BlobPins } from '../blob-pins.ts'
import type { ByteRange } from '../http/ranges.ts'
import { creationRate } from '../limits.ts'
import { randomId } from '../random-id.ts'
import { notFound } from '../refusals.ts'
import type { StoredFile } from '../stored-file.ts'
import { checkProof } from './check-proof.ts'
import { commitFile } from './commit-file.ts'
import type { Claim, CommitParts } from './commit-file.ts'
import { Decoy } from './decoy.ts'
import { OwnedBook } from './owned-book.ts'
import { sampleRanges } from './sample-ranges.ts'
import { UserPlaces } from './user-places.ts'

/** What proofs of possession stand on. */
export interface PossessionParts extends CommitParts {
  /** Where the decoy is. */
  readonly folder: string
  readonly blobs: BlobStore
  readonly pins: BlobPins
  readonly log: Logger
}

/** What a user must hash to be believed. */
export interface Challenge {
  readonly id: string
  readonly nonce: Uint8Array
  readonly ranges: readonly ByteRange[]
}

interface Open extends Claim, Challenge {}

interface Made {
  readonly proof: Uint8Array
  readonly fileId: string
}

const book = { lifeMs: 60_000, maxPerOwner: 64, maxInAll: 4_096 }
const maxChecksAtOnce = 16

// Whoever has only some of a file must not ask until chance asks for what they have.
const sameFileRate: Rate = { perSecond: 20 / 3_600, burst: 20 }

/**
 * New files of blobs that are here already, for users who prove that they have the bytes. Asking
 * tells nothing of what is here; every refused proof looks like every other and leaves `answerMs`
 * after it came, also when checking it is not done by then.
 */
export class Possessions {
  readonly #on: PossessionParts
  readonly #answerMs: number
  readonly #decoy: Decoy
  readonly #challenges = new OwnedBook<Open>(book)
  readonly #made = new OwnedBook<Made>(book)
  readonly #pace = new KeyedRate<string>(creationRate)
  readonly #sameFile = new KeyedRate<string>(sameFileRate)
  readonly #places = new UserPlaces()
  #checks = 0

  constructor(parts: PossessionParts, answerMs: number) {
    this.#on = parts
    this.#answerMs = answerMs
    this.#decoy = new Decoy(parts.folder)
  }

  /** Challenges a user to prove a claim; throws `AppError` where an upload of it would be refused. */
  async ask(owner: string, claim: Claim): Promise<Challenge> {
    this.#assertPace(owner)
    const { scheduler, space } = this.#on
    const key = `${owner} ${claim.digest}`
    assertMay(this.#sameFile.take(key, scheduler.monotonic()))
    await space.assertRoomFor(owner, claim.sizeBytes)
    const challenge = this.#challengeFor(claim)
    this.#challenges.put(challenge.id, owner, challenge, scheduler.monotonic())
    return challenge
  }

  /**
   * The new file, for a right proof of a challenge of this user that is still open; the same one
   * when it is repeated. Throws `AppError` (not-found) for anything else.
   */
  async prove(owner: string, id: string, proof: Uint8Array): Promise<StoredFile> {
    this.#assertPace(owner)
    if (this.#checks >= maxChecksAtOnce) throw busy()
    const { scheduler } = this.#on
    const known = this.#repeated(owner, id, proof)
    if (known) return known
    const leave = this.#places.take(owner)
    const open = this.#challenges.take(id, owner, scheduler.monotonic())
    let isOver = false
    const boundary = delay(scheduler, this.#answerMs).then(() => {
      isOver = true
    })
    const attempt = this.#attempt(open ?? this.#challengeFor(nothing), owner, proof, () => isOver)
    // A place left before the refusal would tell how long the check took.
    const over = attempt.then((made) => (made ? undefined : boundary))
    void Promise.allSettled([over]).then(leave)
    const file = await Promise.race([attempt, boundary])
    if (file) return file
    await boundary
    throw notFound()
  }

  #challengeFor(claim: Claim): Open {
    const { scheduler } = this.#on
    const ranges = sampleRanges(claim.sizeBytes, (count) => scheduler.randomBytes(count))
    return { ...claim, id: randomId(scheduler), nonce: scheduler.randomBytes(32), ranges }
  }

  // The blob is pinned before it is read, and until the row that needs it is on disk.
  async #attempt(
    open: Open,
    owner: string,
    proof: Uint8Array,
    isOver: () => boolean,
  ): Promise<StoredFile | undefined> {
    this.#checks += 1
    try {
      return await this.#on.pins.whilePinned(open.digest, async () => {
        const type = await checkProof(this.#on, this.#decoy, open, proof)
        if (type === undefined || isOver()) return undefined
        const file = commitFile(this.#on, open, owner, type)
        const made = { proof, fileId: file.id }
        this.#made.put(open.id, owner, made, this.#on.scheduler.monotonic())
        return file
      })
    } finally {
      this.#checks -= 1
    }
  }

  #repeated(owner: string, id: string, proof: Uint8Array): StoredFile | undefined {
    const made = this.#made.get(id, owner, this.#on.scheduler.monotonic())
    if (!made || !timingSafeEqual(made.proof, proof)) return undefined
    return this.#on.files.find(made.fileId)
  }

  #assertPace(owner: string): void {
    assertMay(this.#pace.take(owner, this.#on.scheduler.monotonic()))
  }
}

// Stands for a challenge that is not there: no blob has this digest, and checking it costs as much.
const nothing: Claim = { digest: '0'.repeat(64), sizeBytes: 2 ** 31, name: undefined }

function assertMay(waitMs: number): void {
  if (waitMs === 0) return
  const message = 'too many proofs of possession in a short time; upload the file'
  throw new AppError('rate-limited', 'RATE_LIMITED', message, { retryAfterMs: waitMs })
}

function busy(): AppError {
  const message = 'the server is checking as many proofs as it can'
  return new AppError('unavailable', 'BUSY', message, { retryAfterMs: 1_000 })
}
