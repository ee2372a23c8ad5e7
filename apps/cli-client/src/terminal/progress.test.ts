import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { withProgress } from './progress.ts'

function at(doneBytes: number, totalBytes: number) {
  return { doneBytes, totalBytes, ratePerSecond: 0, remainingMs: undefined }
}

function setup(isTTY: boolean) {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 100 })
  const written: string[] = []
  stream.on('data', (chunk: Buffer) => written.push(chunk.toString()))
  const screen = stream as unknown as NodeJS.WriteStream
  const transfer = (name: string, wanted = true) =>
    withProgress(screen, name, wanted, (progress) => {
      for (const doneBytes of [0, 2048, 4096]) progress(at(doneBytes, 4096))
      return Promise.resolve('done')
    })
  return { transfer, screen, text: () => written.join('') }
}

test('a terminal shows name, share and size', async () => {
  const { transfer, text } = setup(true)
  expect(await transfer('report.pdf')).toBe('done')
  expect(text()).toMatch(/report\.pdf \[#{20}\] 100% 4 KiB of 4 KiB/)
})

test.each([
  ['no terminal', false, true],
  ['JSON lines', true, false],
])('nothing is shown for %s', async (_note, isTTY, wanted) => {
  const { transfer, text } = setup(isTTY)
  expect(await transfer('report.pdf', wanted)).toBe('done')
  expect(text()).toBe('')
})

test('a hostile name cannot write to the screen', async () => {
  const { transfer, text } = setup(true)
  await transfer('\u001b]0;owned\u0007')
  expect(text()).not.toContain('\u001b]0')
  expect(text()).toContain('␛]0;owned␇')
})

test('a transfer that fails ends its bar and its line', async () => {
  const { screen, text } = setup(true)
  const failing = withProgress(screen, 'x', true, (progress) => {
    progress(at(1, 2))
    return Promise.reject(new Error('cut'))
  })
  await expect(failing).rejects.toThrow('cut')
  expect(text()).toMatch(/50% 1 B of 2 B/)
  expect(text().endsWith('\n')).toBe(true)
})
