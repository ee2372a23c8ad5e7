import type { Target, Uploaded } from '@parley/client'
import { visibleLine } from '@parley/words'
import type { Cli } from '../cli.ts'
import { sendTarget } from '../look-up.ts'
import { alreadyThere, uploadAs } from '../sending-attachments.ts'
import type { AttachmentDetails, AttachmentKind } from '../sending-attachments.ts'
import { saySent, sendOrQueue } from '../sending.ts'
import { withClient } from '../session.ts'
import type { Chatting } from '../session.ts'
import { confirm } from '../terminal/confirm.ts'
import { attachmentSet } from './attachment-set.ts'
import type { AttachmentFile } from './attachment-set.ts'
import { inOrder } from './in-order.ts'
import { ProgressOfSeveral } from './progress-of-several.ts'
import { sayFailed, Toll } from './toll.ts'

/** Uploads at once, and how far the others may be ahead of the one that is sent next. */
const bounds = { atOnce: 3, ahead: 16 }
const askAbove = 100

/** What is sent, and how. */
export interface SendSetOptions extends AttachmentDetails {
  readonly kind: AttachmentKind
  /** Folders stand for their files. */
  readonly folders?: boolean
  /** Many files are meant. */
  readonly yes?: boolean | undefined
  /** The first so many were sent by an earlier run. */
  readonly skip?: number | undefined
}

/**
 * Uploads files, three at once, and sends each to TARGET as a message of its own in the given order.
 * One that is refused does not stop the others; throws its error when it is the only one, else
 * (forbidden, SOME_FAILED). What concerns all of them, such as a server that is away, ends it.
 */
export async function sendSet(
  cli: Cli,
  target: string,
  paths: readonly string[],
  { kind, folders = false, yes = false, skip = 0, ...details }: SendSetOptions,
): Promise<void> {
  // Before anything is sent: a typing error in the third path should not send two files.
  const { files, links } = await attachmentSet(paths, folders ? 'folders' : 'files-only')
  for (const link of links) cli.out.note(`${visibleLine(link)}: a link, left out`)
  const wanted = files.slice(skip)
  if (wanted.length > askAbove && !yes) await confirm(cli, `Send ${wanted.length} files?`)
  const toll = new Toll('sent', wanted.length, skip)
  const shown = new ProgressOfSeveral(cli, wanted)
  try {
    await withClient(cli, 'transient', async (chatting) => {
      const place = await sendTarget(chatting, target)
      await sendEach({ chatting, place, toll, shown, kind, details }, wanted)
    })
  } catch (error) {
    throw toll.cutShort(error)
  } finally {
    shown.close()
  }
  toll.assertAll()
}

interface Sending {
  readonly chatting: Chatting
  readonly place: Target
  readonly toll: Toll
  readonly shown: ProgressOfSeveral
  readonly kind: AttachmentKind
  readonly details: AttachmentDetails
}

function sendEach(sending: Sending, files: readonly AttachmentFile[]): Promise<void> {
  const { chatting, toll, shown, kind, details } = sending
  const { cli, client } = chatting
  const begin = (file: AttachmentFile, stop: AbortSignal) =>
    shown.during(file, (progress) => {
      const signal = AbortSignal.any([stop, cli.signal])
      const options = { progress, signal, name: file.name }
      return uploadAs(client, kind, file.path, options, details)
    })
  return inOrder(files, bounds, begin, async (file, outcome) => {
    if (!outcome.ok) toll.assertGoesOn(outcome.error)
    // From here on the outbox may have it: who sends the rest must not send this one.
    toll.handed()
    try {
      if (!outcome.ok) throw outcome.error
      await sendOne(sending, file, outcome.made)
    } catch (error) {
      toll.failed(error)
      shown.above(() => sayFailed(cli, file.path, error))
    }
  })
}

async function sendOne(
  { chatting, place, shown }: Sending,
  { path, name }: AttachmentFile,
  { content, receipt, instant }: Uploaded,
): Promise<void> {
  const { cli } = chatting
  if (instant) shown.above(() => cli.out.note(alreadyThere(name)))
  const result = await sendOrQueue(chatting, place, content, { receipt })
  shown.above(() => saySent(cli, result, { instant, path }))
}
