import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { z } from 'zod'

// Where Debian puts them: another python3 on the PATH would not have the library.
const exiftool = '/usr/bin/exiftool'
const python = '/usr/bin/python3'
const pillow = '/usr/lib/python3/dist-packages/PIL'

/** Whether exiftool is here (Debian: libimage-exiftool-perl). */
export const hasExiftool = existsSync(exiftool)

/** Whether a decoder is here that shares no code with ours (Debian: python3-pil). */
export const hasPillow = existsSync(python) && existsSync(pillow)

/** The packages of Debian without which not everything is judged. */
export const missingJudges: readonly string[] = [
  ...(hasExiftool ? [] : ['libimage-exiftool-perl']),
  ...(hasPillow ? [] : ['python3-pil']),
]

/** What exiftool says of a picture that has nothing but pixels: groups, and tags in two of them. */
const plainGroups = new Set(['ExifTool', 'System', 'JFIF', 'RIFF', 'Composite', 'PNG-pHYs'])
const plainTags = new Set(
  [
    'FileType FileTypeExtension MIMEType ImageWidth ImageHeight EncodingProcess BitsPerSample',
    'ColorComponents YCbCrSubSampling BitDepth ColorType Compression Filter Interlace Palette',
    'Transparency',
  ]
    .join(' ')
    .split(' '),
)

const told = z.array(z.record(z.string(), z.unknown()))

/** Tags in these files that say anything but how the pixels are stored, as `path: Group:Tag`. */
export async function tagsOf(paths: readonly string[]): Promise<string[]> {
  const output = await run(exiftool, ['-q', '-json', '-G1', '-a', '-u', '-fast0', '-@', '-'], paths)
  const files = told.parse(JSON.parse(output.text))
  // One that was not looked at would pass for clean.
  if (files.length !== paths.length) throw new Error(`exiftool looked at ${files.length} files`)
  return files.flatMap(({ SourceFile: path, ...tags }) =>
    Object.keys(tags)
      .filter((tag) => !isPlain(tag))
      .map((tag) => `${String(path)}: ${tag}`),
  )
}

function isPlain(tag: string): boolean {
  const [group = '', name = ''] = tag.split(':')
  if (name === 'Warning' || name === 'Error') return false
  return plainGroups.has(group) || ((group === 'File' || group === 'PNG') && plainTags.has(name))
}

const decode = `
import sys
from PIL import Image
for path in sys.stdin.read().splitlines():
    try:
        with Image.open(path) as picture:
            for frame in range(getattr(picture, 'n_frames', 1)):
                picture.seek(frame)
                picture.load()
    except Exception as error:
        print(path + ': ' + repr(error))
`

/** Those of these files that the independent decoder cannot decode to their last pixel, and why. */
export async function undecodable(paths: readonly string[]): Promise<string[]> {
  const output = await run(python, ['-I', '-c', decode], paths)
  if (output.code !== 0) throw new Error(`the decoder ended with ${output.code}`)
  return output.text.split('\n').filter((line) => line !== '')
}

async function run(program: string, args: readonly string[], paths: readonly string[]) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.on('error', () => undefined)
  child.stdin.end(paths.map((path) => `${path}\n`).join(''))
  const ended = once(child, 'close')
  const output = await text(child.stdout)
  await ended
  return { code: child.exitCode, text: output }
}
