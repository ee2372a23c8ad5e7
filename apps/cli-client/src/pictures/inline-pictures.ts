import type { ClientEvent, EntryPlace } from '@parley/client'
import type { chat } from '@parley/proto'
import type { Chatting } from '../session.ts'
import { imageOf } from '../transfers/attachment-of.ts'
import { fetchedDrawing } from './fetched-drawing.ts'
import type { Drawing } from './painter.ts'
import { screenGraphics } from './screen-graphics.ts'

// What is said must not wait for long for a picture.
const limitMs = 5_000
const screen = { width: 40, height: 12 }

/** Draws the small variant of an entry's image; undefined for an entry without, and for one that cannot be had in 5 s. */
export type InlinePictures = (place: EntryPlace, entry: chat.Entry) => Promise<Drawing | undefined>

/** How pictures are drawn among the lines of a terminal; undefined where they are not. */
export async function inlinePictures(
  { cli, client }: Chatting,
  isWanted: boolean,
): Promise<InlinePictures | undefined> {
  if (!isWanted || !cli.config.images || cli.out.json) return undefined
  const graphics = await screenGraphics(cli.terminal, cli.config.isMultiplexed)
  if (!graphics) return undefined
  const { cellsOf, drawnFile } = await import('./painter.ts')
  return async (place, entry) => {
    const image = imageOf(entry)
    if (!image) return undefined
    const signal = AbortSignal.any([cli.signal, AbortSignal.timeout(limitMs)])
    const cells = cellsOf(image, graphics, screen)
    const draw = (path: string) => drawnFile(path, graphics, cells)
    const drawing = fetchedDrawing(client, place, { variant: 'thumb', signal }, draw)
    // The words are there: `show` says why there is no picture.
    return drawing.catch(() => undefined)
  }
}

/** Writes the pictures of the entries that an event has told. */
export async function drawEvent(
  event: ClientEvent,
  pictures: InlinePictures,
  write: (drawing: Drawing) => void,
): Promise<void> {
  if (event.type !== 'entries') return
  const { conversationId } = event.conversation
  for (const [at, entry] of event.entries.entries()) {
    const drawing = await pictures({ conversationId, seq: event.firstSeq + at }, entry)
    if (drawing) write(drawing)
  }
}
