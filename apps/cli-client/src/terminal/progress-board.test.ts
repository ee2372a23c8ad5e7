import headless from '@xterm/headless'
import { expect, test } from 'vitest'
import { Tally } from '../transfers/tally.ts'
import { ProgressBoard } from './progress-board.ts'
import { tallyLines } from './progress-lines.ts'

function setup(columns = 100) {
  const screen = new headless.Terminal({ cols: columns, rows: 10, allowProposedApi: true })
  let written = Promise.resolve()
  // A terminal driver returns the carriage at every new line.
  const write = (text: string) =>
    void (written = new Promise((done) => screen.write(text.replaceAll('\n', '\r\n'), done)))
  const tally = new Tally(3, 3_000_000)
  let nowMs = 0
  const stream = { write, columns } as unknown as NodeJS.WriteStream
  const board = new ProgressBoard(
    stream,
    (width) => tallyLines(tally.view(), width),
    () => nowMs,
  )
  const rows = async () => {
    await written
    const { active } = screen.buffer
    const all = Array.from({ length: active.length }, (_, at) => active.getLine(at))
    return all.map((line) => line?.translateToString(true) ?? '').filter((text) => text !== '')
  }
  const later = (ms: number) => (nowMs += ms)
  return { board, tally, rows, write, later }
}

const half = { doneBytes: 500_000, totalBytes: 1_000_000, ratePerSecond: 250_000, remainingMs: 2e3 }

test('each transfer and all of them together show rate and remaining time', async () => {
  const { board, tally, rows } = setup()
  tally.ended({}, 1_000_000)
  tally.moved({}, 'a.bin', half)
  tally.moved({}, 'long.bin', { ...half, ratePerSecond: 0, remainingMs: undefined })
  board.touch()
  expect(await rows()).toEqual([
    'a.bin    [##########..........]  50% 488 KiB of 977 KiB, 244 KiB/s, 0:02 left',
    'long.bin [##########..........]  50% 488 KiB of 977 KiB',
    '1 of 3 files, 1.9 MiB of 2.9 MiB, 244 KiB/s, 0:04 left',
  ])
})

test('names of wide letters line up with others', async () => {
  const { board, tally, rows } = setup()
  tally.moved({}, '報告書.bin', half)
  tally.moved({}, 'a.bin', half)
  board.touch()
  const [wide = '', narrow = ''] = await rows()
  expect([wide.indexOf(' ['), narrow.indexOf(' [')]).toEqual(['報告書.bin'.length, 10])
})

test('what is said goes above the lines, which are drawn again', async () => {
  const { board, tally, rows, write } = setup()
  const key = {}
  tally.moved(key, 'a.bin', half)
  board.touch()
  tally.ended(key, 1_000_000)
  board.above(() => write('a.bin was sent\n'))
  expect(await rows()).toEqual(['a.bin was sent', expect.stringMatching(/^1 of 3 files/)])
  board.close()
  board.above(() => write('the end\n'))
  expect((await rows()).at(-1)).toBe('the end')
})

test('is drawn ten times a second, however often it is touched', async () => {
  const { board, tally, rows, later } = setup()
  board.touch()
  tally.ended({}, 1)
  board.touch()
  expect(await rows()).toEqual([expect.stringMatching(/^0 of 3/)])
  later(100)
  board.touch()
  expect(await rows()).toEqual([expect.stringMatching(/^1 of 3/)])
})

test('lines are cut to a narrow screen, and hostile names stay signs', async () => {
  const { board, tally, rows } = setup(40)
  tally.moved({}, 'x\u001b[2J', half)
  board.touch()
  const [first = ''] = await rows()
  expect(first).toMatch(/^x␛\[2J \[####.*…$/u)
  expect(first.length).toBeLessThan(40)
})
