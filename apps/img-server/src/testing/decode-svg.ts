import sharp from 'sharp'
import { restrictDecoders } from '../worker/decoders.ts'

// Prints whether this process can decode SVG and PNG, as a worker would.
const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
const png = await sharp(svg).png().toBuffer()
restrictDecoders()
const decodes = (bytes: Buffer) =>
  sharp(bytes)
    .metadata()
    .then(Boolean, () => false)
process.stdout.write(JSON.stringify({ svg: await decodes(svg), png: await decodes(png) }))
