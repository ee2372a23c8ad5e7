import { createHash } from 'node:crypto'
import { idBytes, idText } from '@parley/client'
import { chat } from '@parley/proto'
import { eventually } from '@parley/testkit'
import sharp from 'sharp'
import type { History } from '../../harness/history.ts'
import type { Person } from '../../harness/person.ts'
import { Wire, sendOf } from '../../harness/wire.ts'
import type { CompletedUpload } from './uploader.ts'

/** A completed upload as a message. */
export interface Attached {
  readonly upload: CompletedUpload
  readonly seq: number
}

/** How an attachment stands in a history. */
const fileBody = '(file)'

/**
 * Sends completed uploads as messages with the receipts that were given for them, and answers
 * where they stand; a receipt that is not taken is a breach.
 */
export async function attachAll(
  history: History,
  person: Person,
  conversationId: string,
  uploads: readonly CompletedUpload[],
): Promise<{ readonly attached: Attached[]; readonly breaches: string[] }> {
  const breaches: string[] = []
  const attached: Attached[] = []
  const wire = await Wire.hello(person.server, person.login(), { transient: true })
  try {
    for (const upload of uploads) {
      const seq = await attach(history, wire, person, { conversationId, upload })
      if (typeof seq === 'number') attached.push({ upload, seq })
      else breaches.push(`the receipt of ${upload.name} is answered ${seq}`)
    }
  } finally {
    wire.close()
  }
  return { attached, breaches }
}

/** What is wrong with an attachment that a member reads: nothing, or one line. */
export async function breachOfAttachment(
  reader: Person,
  conversationId: string,
  { upload, seq }: Attached,
): Promise<string[]> {
  const place = { conversationId: idBytes(conversationId), seq }
  const { ticket, url } = await reader.calls.attachments.createTicket(place)
  const response = await askWhenReady(url, ticket)
  const sha256 = createHash('sha256')
    .update(Buffer.from(await response.arrayBuffer()))
    .digest('hex')
  if (response.status === 200 && sha256 === upload.sha256) return []
  return [`${upload.name} (${upload.sizeBytes} bytes) was complete and reads as ${response.status}`]
}

/** What is wrong with an image that a member reads in all its sizes: nothing, or a line for each. */
export async function breachesOfImage(
  reader: Person,
  conversationId: string,
  { upload, seq }: Attached,
): Promise<string[]> {
  const breaches: string[] = []
  for (const variant of ['thumb', 'preview', 'full']) {
    const place = { conversationId: idBytes(conversationId), seq }
    const { ticket, url } = await reader.calls.attachments.createTicket(place)
    const address = new URL(`/images/${upload.fileId}/${variant}`, url)
    const response = await askWhenReady(address, ticket)
    const bytes = Buffer.from(await response.arrayBuffer())
    // Every pixel of it can be made out.
    const isWhole = response.status === 200 && (await decodes(bytes))
    if (!isWhole) breaches.push(`${upload.name}, ${variant}, reads as ${response.status}`)
  }
  return breaches
}

/** A server has the relay's key a moment after both are up. */
function askWhenReady(url: string | URL, ticket: string): Promise<Response> {
  return eventually(async () => {
    const answer = await fetch(url, { headers: { Authorization: `Bearer ${ticket}` } })
    if (answer.status === 503) throw new Error('the server is not ready')
    return answer
  })
}

function decodes(bytes: Buffer): Promise<boolean> {
  return sharp(bytes, { failOn: 'truncated' })
    .raw()
    .toBuffer()
    .then(
      () => true,
      () => false,
    )
}

interface Attaching {
  readonly conversationId: string
  readonly upload: CompletedUpload
}

async function attach(
  history: History,
  wire: Wire,
  { userId: senderId }: Person,
  { conversationId, upload }: Attaching,
): Promise<number | string> {
  const messageId = history.newMessageId()
  const record = history.invoke({ senderId, messageId, conversationId, body: fileBody })
  const target = { conversationId: idBytes(conversationId) }
  wire.write(sendOf(idBytes(messageId), target, contentOf(upload), { receipt: upload.receipt }))
  const answer = await wire.answer(idBytes(messageId))
  const at = history.tick()
  if (answer.$case === 'accepted') {
    const { seq, duplicate } = answer.value
    record.answers.push({ type: 'accepted', seq, duplicate, at })
    return seq
  }
  if (answer.$case === 'refused') {
    record.answers.push({ type: 'refused', reason: answer.value.reason, at })
    return answer.value.reason
  }
  return `${answer.$case} ${idText(idBytes(messageId))}`
}

function contentOf({ name, fileId, receipt }: CompletedUpload): chat.Content {
  const claims = claimsOf(receipt)
  const common = {
    name,
    size: Number(claims['size']),
    digest: Buffer.from(String(claims['digest']), 'hex'),
    mediaType: String(claims['type']),
  }
  const [width, height] = [Number(claims['w']), Number(claims['h'])]
  if (!width)
    return chat.Content.fromPartial({ content: { $case: 'file', value: { ...common, fileId } } })
  const thumbhash = Buffer.from(String(claims['th']), 'base64url')
  const value = { ...common, imageId: fileId, width, height, thumbhash }
  return chat.Content.fromPartial({ content: { $case: 'image', value } })
}

function claimsOf(token: string): Readonly<Record<string, unknown>> {
  const [, middle = ''] = token.split('.')
  return JSON.parse(Buffer.from(middle, 'base64url').toString()) as Record<string, unknown>
}
