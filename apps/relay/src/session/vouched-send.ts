import type { chat } from '@parley/proto'
import { isAppError } from '@parley/errors'
import type { Receipt } from '@parley/auth'
import type { AttachmentService } from '../store/tx.ts'
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
): Promise<PreparedSend | 'ATTACHMENT_MISMATCH' | 'KEYS_UNAVAILABLE'> {
  const content = send.content?.content
  if (content?.$case !== 'file' && content?.$case !== 'image') return 'ATTACHMENT_MISMATCH'
  const service: AttachmentService = content.$case === 'file' ? 1 : 2
  try {
    const claims = await receipts.verify(send.receipt, service, session.identity.userId)
    const id = content.$case === 'file' ? content.value.fileId : content.value.imageId
    if (claims.blobId !== id) return 'ATTACHMENT_MISMATCH'
    const attachment = { service, attachmentId: id }
    return withContent(session, prepared, vouchedContent(content, claims), attachment)
  } catch (error) {
    if (isAppError(error) && error.kind === 'unauthenticated') return prepared
    if (isAppError(error) && error.kind === 'unavailable') return 'KEYS_UNAVAILABLE'
    throw error
  }
}

function vouchedContent(
  content: Extract<chat.Content['content'], { $case: 'file' | 'image' }>,
  claims: Receipt,
): chat.Content {
  const { sizeBytes: size, mediaType } = claims
  const digest = Buffer.from(claims.digest, 'hex')
  if (content.$case === 'file') {
    const value = { ...content.value, size, digest, mediaType }
    return { content: { $case: 'file', value } }
  }
  const { widthPx: width = 0, heightPx: height = 0, thumbhash: hash = '' } = claims.image ?? {}
  const thumbhash = Buffer.from(hash, 'base64url')
  const value = { ...content.value, size, digest, mediaType, width, height, thumbhash }
  return { content: { $case: 'image', value } }
}
