import { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import type { DownloadOptions, Downloaded, EntryPlace, Variant } from '../api.ts'
import type { Calls } from '../calls/calls.ts'
import type { FileElsewhere } from '../direct/files/pieces.ts'
import { idBytes, idText } from '../ids.ts'
import { fetchSource } from './fetch-source.ts'
import type { BytesElsewhere, Source } from './source.ts'
import type { TransferContext } from './transfer-context.ts'

/** What comes from where. */
export interface DownloadRequest {
  readonly place: EntryPlace
  readonly path: string
  readonly calls: Calls
  /** Who downloads: the other's devices have nothing of what this user has sent. */
  readonly userId: string
  /** The bytes from an offset on as far as other devices give them; undefined where there are none. */
  readonly directly: (file: FileElsewhere, offset: number) => AsyncIterable<Uint8Array> | undefined
}

/**
 * Downloads an entry's file or image, going on with the `.<name>.part` beside it, and checks
 * every byte; throws `AppError`: (conflict, FILE_EXISTS), (not-found, NO_ATTACHMENT), (corrupt,
 * DIGEST_MISMATCH), or the server's refusal.
 */
export async function download(
  context: TransferContext,
  request: DownloadRequest,
  options: DownloadOptions,
): Promise<Downloaded> {
  const sent = await sentAt(request, options.signal)
  const { calls, path, place } = request
  const asked = { conversationId: idBytes(place.conversationId), seq: place.seq }
  const source: Source = {
    ticket: (call) => calls.attachments.createTicket(asked, call),
    digest: expectedDigest(sent.attachment, options.variant ?? 'full'),
    elsewhere: bytesElsewhere(sent, request),
  }
  return fetchSource(context, source, path, options)
}

type Attachment = chat.File | chat.Image

interface Sent {
  readonly attachment: Attachment
  readonly senderId: string
}

async function sentAt(
  { calls, place }: DownloadRequest,
  signal: AbortSignal | undefined,
): Promise<Sent> {
  const conversationId = idBytes(place.conversationId)
  const asked = { conversationId, beforeSeq: place.seq + 1, limit: 1 }
  const { entries } = await calls.history.listMessages(asked, signal ? { signal } : {})
  const entry = entries.find((one) => one.seq === place.seq)?.entry
  const attachment = attachmentIn(entry)
  if (entry && attachment) return { attachment, senderId: idText(entry.senderId) }
  throw new AppError('not-found', 'NO_ATTACHMENT', 'this message carries no file or image')
}

function attachmentIn(entry: chat.Entry | undefined): Attachment | undefined {
  const found = entry?.content?.content
  if (found?.$case === 'file' || found?.$case === 'image') return found.value
  return found?.$case === 'sticker' ? found.value.image : undefined
}

// The entry names the digest of a file and of an image's full variant.
function expectedDigest(attachment: Attachment, variant: Variant): string | undefined {
  const isWhole = 'fileId' in attachment || variant === 'full'
  return isWhole && attachment.digest.length > 0 ? attachment.digest.toString('hex') : undefined
}

// Of an image the server has made other bytes than its sender has.
function bytesElsewhere(
  { attachment, senderId }: Sent,
  { directly, userId }: DownloadRequest,
): BytesElsewhere | undefined {
  if (!('fileId' in attachment) || attachment.size === 0 || senderId === userId) return undefined
  const file = { fileId: attachment.fileId, sizeBytes: attachment.size }
  return { sizeBytes: attachment.size, from: (offset) => directly(file, offset) }
}
