import type { chat } from '@parley/proto'
import { isAppError } from '@parley/errors'
import type { Receipt } from '@parley/auth'
import { suitsPresentation } from '../domain/check-content.ts'
import type { AttachmentRow } from '../store/tx.ts'
import type { ReceiptCheck } from './engine.ts'
import { withContent } from './prepare-send.ts'
import type { PreparedSend } from './prepare-send.ts'
import type { Session } from './session.ts'

/**
 * The send with what the receipt says of its file or image. A receipt that is no longer good leaves
 * the send without attachment: the journal then answers a repeated message and refuses a new one.
 * While the keys of the service are not known, nothing can be said.
 */
export async function vouchedSend(
  receipts: ReceiptCheck,
  session: Session,
  prepared: PreparedSend,
  send: chat.Send,
): Promise<PreparedSend | 'ATTACHMENT_UNKNOWN' | 'PRESENTATION_MISMATCH' | 'KEYS_UNAVAILABLE'> {
  const content = send.content?.content
  const attachment = carried(content)
  if (content === undefined || attachment === undefined) return 'ATTACHMENT_UNKNOWN'
  const { service, attachmentId } = attachment
  try {
    const claims = await receipts.verify(send.receipt, service, session.identity.userId)
    if (claims.blobId !== attachmentId) return 'ATTACHMENT_UNKNOWN'
    if (content.$case === 'file' && !suitsPresentation(claims.mediaType, content.value)) {
      return 'PRESENTATION_MISMATCH'
    }
    return withContent(session, prepared, { content: vouched(content, claims) }, attachment)
  } catch (error) {
    if (isAppError(error) && error.kind === 'unauthenticated') return prepared
    if (isAppError(error) && error.kind === 'unavailable') return 'KEYS_UNAVAILABLE'
    throw error
  }
}

type Content = NonNullable<chat.Content['content']>

/** Where the bytes of a content are; undefined for one without any. */
function carried(content: Content | undefined): AttachmentRow | undefined {
  switch (content?.$case) {
    case 'file':
      return { service: 1, attachmentId: content.value.fileId }
    case 'image':
      return { service: 2, attachmentId: content.value.imageId }
    case 'sticker':
      return content.value.image && { service: 2, attachmentId: content.value.image.imageId }
    default:
      return undefined
  }
}

function vouched(content: Content, claims: Receipt): Content {
  switch (content.$case) {
    case 'file':
      return { $case: 'file', value: { ...content.value, ...bytesOf(claims) } }
    case 'image':
      return { $case: 'image', value: vouchedImage(content.value, claims) }
    case 'sticker': {
      const { image, ...sticker } = content.value
      const value = { ...sticker, image: image && vouchedImage(image, claims) }
      return { $case: 'sticker', value }
    }
    default:
      return content
  }
}

function vouchedImage(image: chat.Image, claims: Receipt): chat.Image {
  const { widthPx: width = 0, heightPx: height = 0, thumbhash: hash = '' } = claims.image ?? {}
  const thumbhash = Buffer.from(hash, 'base64url')
  return { ...image, ...bytesOf(claims), width, height, thumbhash }
}

function bytesOf({ sizeBytes: size, digest, mediaType }: Receipt) {
  return { size, digest: Buffer.from(digest, 'hex'), mediaType }
}
