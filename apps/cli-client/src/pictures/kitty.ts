import { deflateSync } from 'node:zlib'
import type { Pixels, Size } from './pixels.ts'

const chunkChars = 4_096

/** The escape sequences by which a terminal that knows kitty's graphics shows a picture in so many cells. */
export function kittyPicture({ width, height, rgb }: Pixels, cells: Size): string {
  const payload = deflateSync(rgb).toString('base64')
  const chunks = payload.match(new RegExp(`.{1,${chunkChars}}`, 'g')) ?? []
  // q=2: the terminal answers nothing, which would look like typing.
  const about = `a=T,q=2,f=24,o=z,s=${width},v=${height},c=${cells.width},r=${cells.height},`
  return chunks
    .map((chunk, at) => {
      const more = at < chunks.length - 1 ? 1 : 0
      return `\u001b_G${at === 0 ? about : ''}m=${more};${chunk}\u001b\\`
    })
    .join('')
}
