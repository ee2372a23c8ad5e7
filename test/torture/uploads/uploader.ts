import { createHash, randomBytes } from 'node:crypto'
import { delay, systemScheduler } from '@parley/service-kit'
import { Tus } from '../../harness/tus.ts'
import type { TusAnswer } from '../../harness/tus.ts'
import type { Person } from '../../harness/person.ts'

/** An upload that was answered as complete. */
export interface CompletedUpload {
  readonly name: string
  readonly fileId: string
  readonly receipt: string
  readonly sizeBytes: number
  readonly sha256: string
  /** Where the upload can still be asked for. */
  readonly location: string
}

/** What an uploader is told. */
export interface UploaderPlan {
  readonly person: Person
  /** Root of the file server. */
  readonly base: () => string
  readonly name: string
  readonly random: () => number
  /** What is uploaded, some random bytes unless told. */
  readonly make?: () => Promise<Buffer>
  /** All bytes that it may upload; then it rests. */
  readonly maxBytes: number
  /** An upload was answered as complete just now. */
  readonly completed: (upload: CompletedUpload) => void
}

interface Current {
  readonly name: string
  readonly location: string
  readonly bytes: Buffer
  /** The server's last word of how far it is. */
  told: number
  /** How far bytes have been sent. */
  sent: number
}

const smallBytes = [1, 300_000] as const
const largeBytes = [1_000_000, 5_000_000] as const
const pieceBytes = 400_000
const notReadyMs = 50

/**
 * A naive uploader: one upload after the other, the larger ones in pieces, each piece where the
 * server last said the bytes end. It asks anew only when it is told that the server is back.
 */
export class Uploader {
  /** What the server must not have said. */
  readonly breaches: string[] = []
  readonly #plan: UploaderPlan
  #current: Current | undefined
  #count = 0
  #bytes = 0
  #running: Promise<void> | undefined
  #stopping = false

  constructor(plan: UploaderPlan) {
    this.#plan = plan
  }

  /** Goes on where it was; ends by itself at the first failure of the server. */
  start(): void {
    this.#stopping = false
    this.#running = this.#run()
  }

  /** Begins nothing new; resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#stopping = true
    await this.#running
  }

  async #run(): Promise<void> {
    try {
      if (this.#current) await this.#resume(this.#current)
      while (!this.#stopping) {
        const current = (this.#current ??= await this.#begin())
        if (!current) return
        await this.#send(current)
      }
    } catch {
      // The server is gone; what is open is asked for when it is back.
    }
  }

  async #begin(): Promise<Current | undefined> {
    const { random, maxBytes, name: prefix } = this.#plan
    const bytes = await (this.#plan.make?.() ?? Promise.resolve(someBytes(random)))
    if (this.#bytes + bytes.length > maxBytes) return undefined
    this.#bytes += bytes.length
    this.#count += 1
    const name = `${prefix} ${this.#count}`
    const created = await this.#ask((tus) => tus.create(bytes.length, name))
    const location = created.headers.get('location')
    if (created.status !== 201 || !location) throw new Error(`not begun: ${created.status}`)
    return { name, location, bytes, told: 0, sent: 0 }
  }

  async #resume(current: Current): Promise<void> {
    const asked = await this.#ask((tus) => tus.request('HEAD', pathOf(current.location)))
    const { name, told, sent } = current
    if (asked.status !== 200) {
      this.breaches.push(`${name} was begun and is answered ${asked.status}`)
      this.#current = undefined
      return
    }
    const stands = offsetOf(asked)
    if (stands < told || stands > sent) {
      this.breaches.push(`${name} stands at ${stands}; it was told ${told}, and sent ${sent}`)
    }
    current.told = stands
    current.sent = stands
    if (stands === current.bytes.length) this.#complete(current, asked)
  }

  async #send(current: Current): Promise<void> {
    const { location, bytes, told } = current
    const piece = bytes.subarray(told, told + pieceBytes)
    current.sent = Math.max(current.sent, told + piece.length)
    const answer = await this.#ask((tus) => tus.patch(location, told, piece))
    if (answer.status !== 204) throw new Error(`not taken: ${answer.status} ${answer.reason}`)
    current.told = offsetOf(answer)
    if (current.told === bytes.length) this.#complete(current, answer)
  }

  #complete({ name, location, bytes }: Current, { headers }: TusAnswer): void {
    this.#current = undefined
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const fileId = headers.get('parley-file-id') ?? headers.get('parley-image-id')
    const receipt = headers.get('parley-receipt')
    if (!fileId || !receipt) this.breaches.push(`${name} is complete and has no receipt`)
    else {
      const upload = { name, location, fileId, receipt, sizeBytes: bytes.length, sha256 }
      this.#plan.completed(upload)
    }
  }

  /** One step, once the server is ready for it: it has the relay's keys a moment after its start. */
  async #ask(step: (tus: Tus) => Promise<TusAnswer>): Promise<TusAnswer> {
    for (;;) {
      const answer = await step(new Tus(this.#plan.base(), this.#plan.person.login().accessToken))
      if (answer.status !== 503 || this.#stopping) return answer
      await delay(systemScheduler, notReadyMs)
    }
  }
}

function someBytes(random: () => number): Buffer {
  const [least, most] = random() < 0.6 ? smallBytes : largeBytes
  return randomBytes(least + Math.floor(random() * (most - least)))
}

function pathOf(location: string): string {
  return new URL(location, 'http://127.0.0.1').pathname
}

function offsetOf({ headers }: TusAnswer): number {
  return Number(headers.get('upload-offset'))
}
