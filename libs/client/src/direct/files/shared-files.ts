import { open, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { constants } from 'node:fs'
import type { Stats } from 'node:fs'
import { resolve } from 'node:path'
import type { chat } from '@parley/proto'

/** Files of this device that others may get from it; the oldest is left to the file server. */
export const maxShared = 256
/** Conversations in which one file is given. */
const maxPlaces = 16
/** The most bytes of one piece. */
export const maxPieceBytes = 61_440
const nothing = Buffer.alloc(0)
/** What has become a pipe meanwhile must not be waited for. */
const readOnly = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** What a file is at one moment: whatever is at its path later may be another one. */
export type FileIdentity = Pick<Stats, 'dev' | 'ino' | 'size' | 'mtimeMs' | 'ctimeMs'>

interface Shared {
  readonly path: string
  readonly identity: FileIdentity
  /** The number of its entry, by conversation. */
  readonly seqs: Map<string, number>
}

/** A part of a file, as another device asks for it. */
export type PieceAsked = Pick<chat.DirectFileAsk, 'fileId' | 'offset' | 'size'>

/** What is at a path now; undefined when nothing is. */
export function identityAt(path: string): Promise<FileIdentity | undefined> {
  return stat(path).catch(() => undefined)
}

/** The files that this device has uploaded and sent: it gives their bytes to whom they were sent. */
export class SharedFiles {
  readonly #self: Buffer
  readonly #files = new Map<string, Shared>()

  /** `self` is the user whose entries count, 16 bytes. */
  constructor(self: Buffer) {
    this.#self = self
  }

  /** The bytes of a stored file are those of the file that was at this path before they were read. */
  uploaded(fileId: string, path: string, identity: FileIdentity): void {
    this.#files.set(fileId, { path: resolve(path), identity, seqs: new Map() })
    if (this.#files.size <= maxShared) return
    for (const oldest of this.#files.keys()) {
      this.#files.delete(oldest)
      return
    }
  }

  /** What the log has: with its entry a file is given, with the entry's recall no more. */
  note(conversationId: string, firstSeq: number, entries: readonly chat.Entry[]): void {
    if (this.#files.size === 0) return
    entries.forEach(({ content, senderId }, at) => {
      const said = content?.content
      if (said?.$case === 'recall') this.#recalled(conversationId, said.value.targetSeq)
      if (said?.$case !== 'file' || !this.#self.equals(senderId)) return
      const seqs = this.#files.get(said.value.fileId)?.seqs
      if (seqs && seqs.size < maxPlaces) seqs.set(conversationId, firstSeq + at)
    })
  }

  /** The log of this conversation begins anew: what it had is not known any more. */
  forget(conversationId: string): void {
    for (const { seqs } of this.#files.values()) seqs.delete(conversationId)
  }

  /** The bytes that somebody in this conversation asks for, or none: this device does not give them. */
  async read(conversationId: string, { fileId, offset, size }: PieceAsked): Promise<Buffer> {
    const shared = this.#files.get(fileId)
    if (!shared?.seqs.has(conversationId)) return nothing
    if (size < 1 || size > maxPieceBytes || offset < 0) return nothing
    if (offset + size > shared.identity.size) return nothing
    const file = await open(shared.path, readOnly).catch(() => undefined)
    if (file === undefined) return nothing
    try {
      return isSame(await file.stat(), shared.identity)
        ? await bytesAt(file, offset, size)
        : nothing
    } catch {
      return nothing
    } finally {
      await file.close().catch(() => undefined)
    }
  }

  #recalled(conversationId: string, seq: number): void {
    for (const { seqs } of this.#files.values()) {
      if (seqs.get(conversationId) === seq) seqs.delete(conversationId)
    }
  }
}

// The time of a change can be set back, that of the change of its times cannot.
function isSame(one: FileIdentity, other: FileIdentity): boolean {
  const facts = ({ dev, ino, size, mtimeMs, ctimeMs }: FileIdentity) =>
    [dev, ino, size, mtimeMs, ctimeMs].join()
  return facts(one) === facts(other)
}

async function bytesAt(file: FileHandle, offset: number, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(size)
  for (let done = 0; done < size;) {
    const { bytesRead } = await file.read(bytes, done, size - done, offset + done)
    if (bytesRead === 0) return nothing
    done += bytesRead
  }
  return bytes
}
