import type { ClientEvent, EntryPlace } from '@parley/client'
import { isAppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import type { Chatting } from '../session.ts'
import { imageOf } from '../transfers/attachment-of.ts'
import { cellsOf } from './cells.ts'
import { fetchedDrawing } from './fetched-drawing.ts'
import type { Drawing } from './painter.ts'
import { screenGraphics } from './screen-graphics.ts'

// What is said must not wait for long for pictures, and not again for those of a server that is away.
const usualLimits = { eventMs: 5_000, restMs: 30_000 }
/** The most cells that a picture among lines takes. */
export const inlineScreen = { width: 40, height: 12 } as const

/**
 * For an event how to draw the picture of its nth entry; undefined where there is none, where it
 * cannot be had in the 5 s that an event has for all of its own, and for 30 s after such a failure.
 */
export type InlinePictures = (event: ClientEvent) => (nth: number) => Promise<Drawing | undefined>

/** How pictures are drawn among the lines of a terminal; undefined where they are not. */
export async function inlinePictures(
  { cli, client }: Chatting,
  isWanted: boolean,
): Promise<InlinePictures | undefined> {
  if (!isWanted || !cli.config.images || cli.out.json) return undefined
  const graphics = await screenGraphics(cli.terminal, cli.config.isMultiplexed)
  if (!graphics) return undefined
  const { drawnFile } = await import('./painter.ts')
  return picturesOfEvents((place, image, limit) => {
    const signal = AbortSignal.any([cli.signal, limit])
    const cells = cellsOf(image, graphics, inlineScreen)
    const draw = (path: string) => drawnFile(path, graphics, cells)
    return fetchedDrawing(client, place, { variant: 'thumb', signal, once: true }, draw)
  })
}

type DrawImage = (place: EntryPlace, image: chat.Image, limit: AbortSignal) => Promise<Drawing>

/** As `inlinePictures`, drawn by a function that ends when its signal aborts. */
export function picturesOfEvents(
  draw: DrawImage,
  limits = usualLimits,
  nowMs: () => number = () => performance.now(),
): InlinePictures {
  let restsUntilMs = -Infinity
  return (event) => {
    let limit: AbortSignal | undefined
    return async (nth) => {
      const entry = event.type === 'entries' ? event.entries[nth] : undefined
      const image = imageOf(entry)
      if (event.type !== 'entries' || !image || nowMs() < restsUntilMs) return undefined
      const place = { conversationId: event.conversation.conversationId, seq: event.firstSeq + nth }
      limit ??= AbortSignal.timeout(limits.eventMs)
      try {
        return await draw(place, image, limit)
      } catch (error) {
        // The words are there: `show` says why there is no picture.
        if (limit.aborted || isAway(error)) restsUntilMs = nowMs() + limits.restMs
        return undefined
      }
    }
  }
}

/** Is it the server that could not be had, and not this one picture? */
export function isAway(error: unknown): boolean {
  return isAppError(error) && (error.kind === 'unavailable' || error.kind === 'deadline')
}
