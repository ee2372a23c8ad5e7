import { digestBytes, keyedDigest } from '@parley/blob-store'
import { isAppError } from '@parley/errors'
import { FakeScheduler, recordingLogger } from '@parley/testkit'
import { applyHolds } from '../holds-service.ts'
import { defaultUploadLimits } from '../limits.ts'
import { openUploads } from '../open-uploads.ts'
import type { UploadStore } from '../open-uploads.ts'
import type { Possessions } from '../possession/possessions.ts'
import { proofContext } from '../possession/proof.ts'
import type { FileRecord } from '../shared/file-records.ts'
import type { HoldChange } from '../stored-file.ts'
import type { Finish } from '../upload.ts'
import { GatedBlobs, Gates } from './gates.ts'

const hourMs = 3_600_000
const receiptLifeMs = 24 * hourMs
const maxUnderWay = 6
const answerMs = 30_000

/** As short as an operator may set it. */
const unheldLifeMs = defaultUploadLimits.uploadLifeMs + 25 * hourMs

/** What may be put into a message, until then. */
interface Receipt {
  readonly fileId: string
  readonly untilMs: number
}

/** A message that nobody has recalled. */
interface Entry {
  readonly holder: string
  readonly fileId: string
}

const finish: Finish = async ({ path, digest, sizeBytes }, blobs) => {
  await blobs.put(path, digest)
  return { facts: {}, variants: [{ variant: 'full', digest, sizeBytes, type: 'text/plain' }] }
}

/**
 * A real upload store, with its index and its collection, and a relay as it sees one: messages that
 * are committed at once, and an outbox that is told whenever, in pieces, and twice if an answer is lost.
 */
export class CollectionRace {
  readonly #gates: Gates
  readonly #blobs: GatedBlobs
  readonly #scheduler: FakeScheduler
  readonly #store: UploadStore
  readonly #possessions: Possessions
  readonly #receipts: Receipt[] = []
  readonly #made = new Map<string, string>()
  readonly #failures: unknown[] = []
  #entries: Entry[] = []
  #outbox: HoldChange[] = []
  #underWay = 0
  #isTelling = false
  #isCollecting = false
  #named = 0

  private constructor(
    gates: Gates,
    blobs: GatedBlobs,
    scheduler: FakeScheduler,
    store: UploadStore,
  ) {
    this.#gates = gates
    this.#blobs = blobs
    this.#scheduler = scheduler
    this.#store = store
    this.#possessions = store.openPossessions(answerMs)
  }

  static async open(folder: string): Promise<CollectionRace> {
    const [gates, scheduler] = [new Gates(), new FakeScheduler()]
    const blobs = new GatedBlobs(gates)
    const limits = { ...defaultUploadLimits, minFreeBytes: 0, unheldLifeMs }
    const neighbours = { serverId: 'one', records: gatedRecords(gates), blobsOf: () => blobs }
    const { log } = recordingLogger()
    const opening = { folder, blobs, neighbours, limits, finish, scheduler, log }
    return new CollectionRace(gates, blobs, scheduler, await openUploads(opening))
  }

  /** Somebody uploads one of a few contents. */
  upload(content: number): void {
    this.#start(async (owner) => {
      const bytes = bytesOf(content)
      const { uploads, shelf } = this.#store
      const { id, expiresMs } = await uploads.create(owner, { sizeBytes: bytes.length })
      await this.#gates.pass()
      const { file } = await uploads.append(id, owner, 0, { chunks: once(bytes) })
      if (!file) throw new Error('an upload of all bytes became no file')
      await shelf.settle(file.id)
      // The upload is asked for another receipt as long as it is known.
      this.#receive(file.id, content, expiresMs)
    })
  }

  /** Somebody proves to have it. */
  prove(content: number): void {
    this.#start(async (owner) => {
      const bytes = bytesOf(content)
      const claim = { digest: digestBytes(bytes), sizeBytes: bytes.length, name: undefined }
      const { id, nonce } = await this.#possessions.ask(owner, claim)
      await this.#gates.pass()
      const proof = keyedDigest(proofContext, nonce, [bytes])
      const file = await this.#possessions.prove(owner, id, proof)
      await this.#store.shelf.settle(file.id)
      this.#receive(file.id, content, this.#scheduler.now())
    })
  }

  /** A message with a file, which the relay takes on the strength of its receipt. */
  send(pick: number): void {
    const receipt = pickOf(this.#goodReceipts(), pick)
    if (receipt) this.#hold(receipt.fileId)
  }

  /** Another message with the file of one that is not recalled. */
  forward(pick: number): void {
    const entry = pickOf(this.#entries, pick)
    if (entry) this.#hold(entry.fileId)
  }

  /** A message is recalled. */
  recall(pick: number): void {
    const entry = pickOf(this.#entries, pick)
    if (!entry) return
    this.#entries = this.#entries.filter((one) => one !== entry)
    this.#outbox.push({ id: entry.fileId, holder: entry.holder, held: false })
  }

  /** The relay tells some of its outbox, as it is now, at once or late; the answer may be lost. */
  tell(pick: number): void {
    if (this.#isTelling) return
    this.#isTelling = true
    const changes = this.#outbox.slice(0, pick % 5)
    const complete = changes.length === this.#outbox.length
    this.#start(
      async () => {
        if (pick % 2 > 0) await this.#gates.pass()
        applyHolds(this.#parts(), { changes: [...changes], complete })
        if (pick % 2 > 0) await this.#gates.pass()
        if (pick % 3 > 0) this.#outbox = this.#outbox.slice(changes.length)
      },
      () => (this.#isTelling = false),
    )
  }

  /** Collection begins a run. */
  collect(): void {
    if (this.#isCollecting) return
    this.#isCollecting = true
    this.#start(
      async () => void (await this.#store.collection.run()),
      () => {
        this.#isCollecting = false
      },
    )
  }

  /** Lets some time pass in which calls may go on. */
  async wait(): Promise<void> {
    await this.#scheduler.advance(10_000)
  }

  /** Hours pass: longer than any call lasts. */
  async pass(hours: number): Promise<void> {
    while (this.#underWay > 0) {
      for (let one = this.#gates.waiting; one > 0; one -= 1) this.#gates.letOne(0)
      await this.rest()
      if (this.#gates.waiting === 0) await this.#scheduler.advance(answerMs)
    }
    await this.#scheduler.advance(hours * hourMs)
  }

  /** One of those that wait at a gate goes on. */
  goOn(pick: number): void {
    this.#gates.letOne(pick)
  }

  /** Resolves when all that is under way waits at a gate, for another or for time. */
  async rest(): Promise<void> {
    for (let turns = 0; turns < 300 && this.#gates.waiting < this.#underWay; turns += 1) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** What messages and good receipts name and cannot be read, and rows without a blob. */
  async lost(): Promise<string[]> {
    const lost = this.#failures.map((failure) => String(failure))
    const needed = [...this.#entries, ...this.#goodReceipts()].map(({ fileId }) => fileId)
    for (const [id, digest] of this.#made) {
      const isThere = this.#store.files.find(id) !== undefined
      if (needed.includes(id) && !isThere) lost.push(`the file of ${digest}`)
      if (isThere && !(await this.#blobs.stat(digest))) lost.push(`the blob ${digest}`)
    }
    return lost
  }

  /** Lets everything end, and all pass that nobody needs. */
  async endWell(): Promise<void> {
    await this.pass(0)
    this.#gates.openAll()
    applyHolds(this.#parts(), { changes: this.#outbox, complete: false })
    await this.#scheduler.advance(unheldLifeMs + hourMs)
    applyHolds(this.#parts(), { changes: [], complete: true })
    // A run goes on with the blobs where the last one stopped.
    for (let run = 0; run < 3; run += 1) await this.#store.collection.run()
  }

  /** What is there at the end, and what should be. */
  async leftovers() {
    const files = [...this.#made.keys()].filter((id) => this.#store.files.find(id))
    const blobs = (await Array.fromAsync(this.#blobs.list())).map(({ digest }) => digest)
    const needed = new Set(this.#entries.map(({ fileId }) => fileId))
    const digests = new Set([...needed].map((id) => this.#made.get(id) ?? id))
    return {
      found: { files: files.toSorted(), blobs },
      wanted: { files: [...needed].toSorted(), blobs: [...digests].toSorted() },
    }
  }

  close(): void {
    this.#store.close()
  }

  #start(work: (owner: string) => Promise<void>, ended: () => void = () => undefined): void {
    if (this.#underWay >= maxUnderWay) return ended()
    this.#underWay += 1
    this.#named += 1
    work(`user-${this.#named}`)
      .catch((error: unknown) => {
        // What has not been proved in time, or is not here any more.
        if (!isAppError(error) || error.kind !== 'not-found') this.#failures.push(error)
      })
      .finally(() => {
        this.#underWay -= 1
        ended()
      })
  }

  #receive(fileId: string, content: number, fromMs: number): void {
    this.#made.set(fileId, digestBytes(bytesOf(content)))
    this.#receipts.push({ fileId, untilMs: fromMs + receiptLifeMs })
  }

  #goodReceipts(): Receipt[] {
    return this.#receipts.filter(({ untilMs }) => untilMs > this.#scheduler.now())
  }

  #hold(fileId: string): void {
    this.#named += 1
    const holder = `c/${this.#named}`
    this.#entries.push({ holder, fileId })
    this.#outbox.push({ id: fileId, holder, held: true })
  }

  #parts() {
    const { files, collection } = this.#store
    return { files, collection, scheduler: this.#scheduler }
  }
}

function gatedRecords(gates: Gates) {
  const records = new Map<string, FileRecord>()
  return {
    write: async (file: FileRecord['file']) => {
      await gates.pass()
      records.set(file.id, { serverId: 'one', file })
    },
    find: async (id: string) => records.get(id),
    remove: async (id: string) => {
      await gates.pass()
      records.delete(id)
    },
  }
}

function bytesOf(content: number): Buffer {
  return Buffer.from(`content ${content}`)
}

async function* once(bytes: Uint8Array) {
  yield bytes
}

function pickOf<T>(from: readonly T[], pick: number): T | undefined {
  return from[pick % Math.max(1, from.length)]
}
