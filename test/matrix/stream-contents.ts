import type { chat } from '@parley/proto'
import { bytesOf } from './bytes-of.ts'
import type { Actor } from './cast.ts'
import type { Row } from './expectations.ts'
import type { StreamScene } from './stream-scene.ts'
import { words } from './words.ts'
import type { Body } from './words.ts'

const describedBy = { name: 'x', size: 1, digest: Buffer.alloc(32), mediaType: 'text/plain' }
const none = { width: 0, height: 0, thumbhash: Buffer.alloc(0) }

function file(fileId: string): Body {
  return { $case: 'file', value: { fileId, ...describedBy } }
}

function image(imageId: string): chat.Image {
  return { imageId, ...describedBy, ...none }
}

function sticker(imageId: string): Body {
  return { $case: 'sticker', value: { image: image(imageId), pack: '', name: '' } }
}

const nobody: Row = { others: 'missing' }
const membersOnly: Row = { owner: 'ok', admin: 'ok', member: 'ok', others: 'missing' }
const neverId = Buffer.alloc(16, 7)

/** A message of each kind that is right in itself, and who may send it to a group. */
export const contents: Readonly<
  Record<
    Body['$case'],
    { readonly row: Row; readonly body: (scene: StreamScene, actor: Actor) => Body }
  >
> = {
  text: { row: membersOnly, body: () => words },
  face: { row: membersOnly, body: () => ({ $case: 'face', value: { name: 'smile' } }) },
  nudge: { row: membersOnly, body: () => ({ $case: 'nudge', value: {} }) },
  file: { row: ofReceipt(), body: ({ files }) => file(files[0].id) },
  image: {
    row: ofReceipt(),
    body: ({ images }) => ({ $case: 'image', value: image(images[0].id) }),
  },
  sticker: { row: ofReceipt(), body: ({ images }) => sticker(images[0].id) },
  edit: {
    row: { ...membersOnly, admin: 'NOT_YOURS', member: 'NOT_YOURS' },
    body: ({ texts }, actor) => ({ $case: 'edit', value: { targetSeq: texts[actor], text: 'x' } }),
  },
  recall: {
    row: { ...membersOnly, member: 'NOT_YOURS' },
    body: ({ texts }, actor) => ({ $case: 'recall', value: { targetSeq: texts[actor] } }),
  },
  // What servers alone write is refused wherever it goes.
  membership: {
    row: nobody,
    body: () => ({
      $case: 'membership',
      value: { change: 2, userId: neverId, userName: '', role: 3, title: '', picture: undefined },
    }),
  },
  notice: {
    row: nobody,
    body: ({ cast, closed }) => ({
      $case: 'notice',
      value: {
        kind: 2,
        userId: bytesOf(cast.owner),
        userName: 'x',
        text: 'x',
        conversationId: closed.id,
        title: '',
      },
    }),
  },
  erased: { row: nobody, body: () => ({ $case: 'erased', value: { why: 1 } }) },
}

/** The owner has the receipt; who has not is told so where they may write. */
function ofReceipt(): Row {
  return { ...membersOnly, admin: 'ATTACHMENT_UNKNOWN', member: 'ATTACHMENT_UNKNOWN' }
}

/** The receipt of a content with bytes, for its owner; others have none. */
export function receiptOf({ $case }: Body, { files, images }: StreamScene, actor: Actor): string {
  if ($case !== 'file' && $case !== 'image' && $case !== 'sticker') return ''
  if (actor !== 'owner') return ''
  return $case === 'file' ? files[0].receipt : images[0].receipt
}
