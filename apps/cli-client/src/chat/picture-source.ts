import { cellsOf } from '../pictures/cells.ts'
import { fetchedDrawing } from '../pictures/fetched-drawing.ts'
import { inlineScreen } from '../pictures/inline-pictures.ts'
import type { Graphics } from '../pictures/screen-graphics.ts'
import type { Chatting } from '../session.ts'
import type { PictureSource } from './chat-pictures.ts'

/** How the pictures of a chat are had and drawn on its terminal. */
export function pictureSource({ cli, client }: Chatting, graphics: Graphics): PictureSource {
  const { stdout } = cli.terminal
  return {
    cells: (image) => {
      const width = Math.max(1, Math.min(inlineScreen.width, stdout.columns - 1))
      // Below it there is the line being typed.
      const height = Math.max(1, Math.min(inlineScreen.height, stdout.rows - 3))
      return cellsOf(image, graphics, { width, height })
    },
    async placeholder(image, cells) {
      const { drawnPlaceholder } = await import('../pictures/painter.ts')
      return drawnPlaceholder(image, graphics, cells)
    },
    async picture(place, cells, signal) {
      const { drawnFile } = await import('../pictures/painter.ts')
      const draw = (path: string) => drawnFile(path, graphics, cells)
      return fetchedDrawing(client, place, { variant: 'thumb', signal, once: true }, draw)
    },
  }
}
