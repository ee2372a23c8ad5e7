import { AppError } from '@parley/errors'
import { KeyedRate, delay } from '@parley/service-kit'
import type { Logger } from '@parley/service-kit'
import type { FileRows } from './file-rows.ts'
import { finishUpload } from './finish-upload.ts'
import type { FinishingParts } from './finish-upload.ts'
import { isLostWrite } from './lost-write.ts'
import type { Lost } from './lost-write.ts'
import { creationRate } from './limits.ts'
import type { UploadLimits } from './limits.ts'
import type { PartFiles } from './part-files.ts'
import { randomId } from './random-id.ts'
import { receiveBody } from './receive-body.ts'
import type { Body } from './receive-body.ts'
import { isLasting, notFound, offsetMismatch, storageError } from './refusals.ts'
import type { RunningDigests } from './running-digests.ts'
import type { SpaceCheck } from './space-check.ts'
import type { StoredFile, Usage } from './stored-file.ts'
import type { Appended, Upload } from './upload.ts'
import type { UploadRows } from './upload-rows.ts'
import { UploadTurns } from './upload-turns.ts'

const settleMs = 100

/** What the uploads of a service stand on. */
export interface UploadParts extends FinishingParts {
  readonly log: Logger
  readonly limits: UploadLimits
  readonly rows: UploadRows
  readonly files: FileRows
  readonly parts: PartFiles
  readonly digests: RunningDigests
  readonly space: SpaceCheck
  readonly lost: Lost
}

/** What a client says of an upload when it begins one. */
export interface NewUpload {
  readonly sizeBytes: number
  readonly name?: string | undefined
  readonly metadata?: string | undefined
}

/**
 * The resumable uploads of a service: whatever an answer says is stored is on disk, every upload
 * has one writer at a time, and for anybody but its owner it does not exist.
 */
export class Uploads {
  readonly #on: UploadParts
  readonly #turns: UploadTurns
  readonly #creations = new KeyedRate<string>(creationRate)
  readonly #finishing = new Map<string, Promise<StoredFile>>()

  constructor(parts: UploadParts) {
    this.#on = parts
    this.#turns = new UploadTurns(parts.limits)
  }

  /** Begins an upload; throws `AppError` when a limit forbids it. */
  async create(owner: string, wanted: NewUpload): Promise<Upload> {
    const { rows, parts, scheduler, limits } = this.#on
    const waitMs = this.#creations.take(owner, scheduler.monotonic())
    if (waitMs > 0) throw tooOften(waitMs)
    await this.#on.space.assertRoomFor(owner, wanted.sizeBytes)
    const nowMs = scheduler.now()
    const upload: Upload = {
      id: randomId(scheduler),
      fileId: randomId(scheduler),
      owner,
      sizeBytes: wanted.sizeBytes,
      offsetBytes: 0,
      name: wanted.name,
      metadata: wanted.metadata,
      createdMs: nowMs,
      expiresMs: nowMs + limits.uploadLifeMs,
      finished: false,
    }
    try {
      await parts.create(upload.id)
      // Again, in one turn with the row: others may have begun uploads meanwhile.
      this.#on.space.assertQuota(owner, wanted.sizeBytes)
      rows.insert(upload)
    } catch (error) {
      this.#assess(error)
      await parts.remove(upload.id)
      throw storageError(error)
    }
    return upload
  }

  /** An upload of this owner as it stands; throws `AppError` (not-found) for anybody else's. */
  find(id: string, owner: string): Upload {
    const upload = this.#on.rows.find(id)
    if (!upload || upload.owner !== owner) throw notFound()
    if (upload.expiresMs <= this.#on.scheduler.now() && !this.#turns.isBusy(id)) throw notFound()
    return upload
  }

  /** Appends a body at `offsetBytes`, which must be where the upload stands; finishes it when complete. */
  async append(id: string, owner: string, offsetBytes: number, body: Body): Promise<Appended> {
    return this.#active(id, owner, async (upload) => {
      if (offsetBytes !== upload.offsetBytes) throw offsetMismatch(upload.offsetBytes)
      const reached = await this.#receive(upload, body)
      const complete = reached.offsetBytes === reached.sizeBytes
      const file = complete ? await this.#finish(reached) : undefined
      return { offsetBytes: reached.offsetBytes, file }
    })
  }

  /**
   * Resolves when nobody writes to an upload, after 100 ms at the latest: what a client had sent
   * before its connection broke is still on its way to the disk when it asks where to go on.
   */
  async settle(id: string, owner: string): Promise<void> {
    this.find(id, owner)
    const free = this.#turns.untilFree(id)
    if (free) await Promise.race([free, delay(this.#on.scheduler, settleMs)])
  }

  /**
   * The file that an upload became, undefined while bytes are missing. A complete upload whose
   * finishing was cut short by a crash is finished now.
   */
  async result(id: string, owner: string): Promise<StoredFile | undefined> {
    const upload = this.find(id, owner)
    const running = this.#finishing.get(id)
    if (running) return running
    if (upload.finished) return this.#on.files.find(upload.fileId)
    if (upload.offsetBytes < upload.sizeBytes) return undefined
    return this.#active(id, owner, (fresh) => this.#finish(fresh))
  }

  /** Ends an upload and forgets its bytes; a file that it became stays. */
  async remove(id: string, owner: string): Promise<void> {
    await this.#alone(id, owner, (upload) => this.#discard(upload))
  }

  /** Forgets uploads whose time is over, at most `limit`; answers how many. */
  async removeExpired(limit: number): Promise<number> {
    let removed = 0
    for (const upload of this.#on.rows.expired(this.#on.scheduler.now(), limit)) {
      if (this.#turns.isBusy(upload.id)) continue
      await this.#discard(upload)
      removed += 1
    }
    return removed
  }

  /** How much is stored and under way. */
  usage(): Usage {
    return { ...this.#on.files.usage(), unfinishedUploads: this.#on.rows.countUnfinished() }
  }

  #active<T>(id: string, owner: string, work: (upload: Upload) => Promise<T>): Promise<T> {
    return this.#alone(id, owner, (upload) => this.#turns.ofUser(owner, () => work(upload)))
  }

  #alone<T>(id: string, owner: string, work: (upload: Upload) => Promise<T>): Promise<T> {
    return this.#turns.alone(id, async () => {
      const upload = this.find(id, owner)
      try {
        return await work(upload)
      } catch (error) {
        this.#assess(error)
        if (!(error instanceof AppError) || error.kind !== 'corrupt') throw storageError(error)
        this.#on.log.error({ err: error, uploadId: id }, 'upload lost bytes and was removed')
        await this.#discard(upload)
        throw notFound()
      }
    })
  }

  async #receive(upload: Upload, body: Body): Promise<Upload> {
    if (upload.finished || upload.offsetBytes === upload.sizeBytes) return upload
    return this.#turns.receiving(async () => {
      await this.#on.space.assertDisk()
      return this.#pour(upload, body)
    })
  }

  async #pour(upload: Upload, body: Body): Promise<Upload> {
    const { parts, digests, rows } = this.#on
    const { id, offsetBytes, sizeBytes } = upload
    let reachedBytes = offsetBytes
    const onDurable = (durableBytes: number) => {
      if (durableBytes === reachedBytes) return
      // The end is recorded by finishing, in one commit with the file.
      if (durableBytes < sizeBytes) rows.setOffset(id, durableBytes)
      reachedBytes = durableBytes
    }
    const file = await parts.openAt(id, offsetBytes, sizeBytes)
    try {
      // A wrong sum must not cost more than the body itself: the digest waits where it stands.
      const digest = body.checksum ? undefined : await digests.take(id, offsetBytes)
      const target = { file, digest, offsetBytes, sizeBytes, onDurable }
      const { digestIsGood, failure } = await receiveBody(body, target)
      if (digestIsGood && digest?.sizeBytes === reachedBytes) digests.keep(id, digest)
      if (failure === undefined) return { ...upload, offsetBytes: reachedBytes }
      if (reachedBytes === sizeBytes) rows.setOffset(id, sizeBytes)
      throw failure
    } finally {
      await file.close()
    }
  }

  async #finish(upload: Upload): Promise<StoredFile> {
    const finishing = finishUpload(this.#on, upload)
    this.#finishing.set(upload.id, finishing)
    try {
      return await finishing
    } catch (error) {
      if (isLasting(error)) await this.#discard(upload)
      else this.#on.rows.setOffset(upload.id, upload.sizeBytes)
      throw error
    } finally {
      this.#finishing.delete(upload.id)
    }
  }

  // Whoever is answered now must not be told on a later try that all is well.
  #assess(error: unknown): void {
    if (isLostWrite(error)) this.#on.lost(error)
  }

  async #discard(upload: Upload): Promise<void> {
    this.#on.digests.forget(upload.id)
    // The part first: on a full disk the index needs the room that this makes.
    await this.#on.parts.remove(upload.id)
    this.#on.rows.delete(upload.id)
  }
}

function tooOften(retryAfterMs: number): AppError {
  const message = `you have begun too many uploads; at most ${creationRate.perSecond} a second are taken of one user`
  return new AppError('rate-limited', 'RATE_LIMITED', message, { retryAfterMs })
}
