import { readFile } from 'node:fs/promises'
import type { Terminal } from '../cli.ts'
import type { Colours } from './half-blocks.ts'
import type { Size } from './pixels.ts'

/** How a terminal shows pictures; sizes of a cell are in pixels. */
export type Graphics =
  | { readonly how: 'kitty' | 'sixel'; readonly cell: Size }
  | { readonly how: 'blocks'; readonly cell: Size; readonly colours: Colours }

const answerLimitMs = 1_000
const maxAnswerChars = 1_024
const ctrlC = 3
const usualCell: Size = { width: 8, height: 16 }
const askKitty = '\u001b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\u001b\\'
const askCell = '\u001b[16t'
// Every terminal answers this one, and answers in order: what it has not said by then it does not know.
const askAttributes = '\u001b[c'

const attributes = /\u001b\[\?([\d;]*)c/u

/** What the answers of a terminal say that it can; undefined when that is nothing. */
export function graphicsIn(answers: string): Graphics | undefined {
  const cell = cellIn(answers)
  if (/\u001b_Gi=31;OK\u001b\\/u.test(answers)) return { how: 'kitty', cell }
  const [, list = ''] = attributes.exec(answers) ?? []
  return list.split(';').slice(1).includes('4') ? { how: 'sixel', cell } : undefined
}

function cellIn(answers: string): Size {
  const [, height, width] = /\u001b\[6;(\d{1,3});(\d{1,3})t/u.exec(answers) ?? []
  const size = { width: Number(width), height: Number(height) }
  const isLikely = size.width >= 4 && size.width <= 64 && size.height >= 4 && size.height <= 128
  return isLikely ? size : usualCell
}

/**
 * How this terminal shows pictures, asked of itself for at most a second; undefined where it cannot.
 * A multiplexer is asked only whether it knows sixel: what lies behind it may not be its to pass on.
 * In the background nothing is asked: the kernel stops a process there that changes its terminal.
 */
export async function screenGraphics(
  { stdin, stdout }: Pick<Terminal, 'stdin' | 'stdout'>,
  isMultiplexed: boolean,
  isForeground: () => Promise<boolean> = hasTerminal,
): Promise<Graphics | undefined> {
  if (!stdout.isTTY) return undefined
  const depth = stdout.getColorDepth()
  const question = isMultiplexed ? askAttributes : askKitty + askCell + askAttributes
  const mayAsk = stdin.isTTY && depth > 1 && (await isForeground())
  const known = mayAsk ? graphicsIn(await answered(stdin, stdout, question)) : undefined
  if (known) return known
  if (depth < 8) return undefined
  return { how: 'blocks', cell: usualCell, colours: depth >= 24 ? 'all' : '256' }
}

/** Is a process the one that its terminal listens to, by what the kernel says of it in `/proc`? */
export function isInForeground(stat: string): boolean {
  // The name before them may have spaces and brackets of its own.
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return group === foreground || foreground === '-1'
}

function hasTerminal(): Promise<boolean> {
  return readFile('/proc/self/stat', 'utf8').then(isInForeground, () => true)
}

function answered(
  stdin: NodeJS.ReadStream,
  stdout: NodeJS.WriteStream,
  question: string,
): Promise<string> {
  return new Promise((resolve) => {
    let answers = ''
    const done = () => {
      clearTimeout(timer)
      stdin.off('data', hear)
      stdin.pause()
      stdin.setRawMode(false)
      resolve(answers)
    }
    const hear = (bytes: Buffer) => {
      answers += bytes.toString('latin1')
      // Meanwhile the terminal makes no signal of it.
      const isLeft = bytes.includes(ctrlC)
      if (isLeft) process.kill(process.pid, 'SIGINT')
      if (isLeft || attributes.test(answers) || answers.length > maxAnswerChars) done()
    }
    const timer = setTimeout(done, answerLimitMs)
    // Or the answers would be seen as typed, and wait for a line to end.
    stdin.setRawMode(true)
    stdin.on('data', hear)
    stdout.write(question)
  })
}
