import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { UsageError } from './exit-code.ts'
import { readPasswords } from './passwords.ts'

const old = { question: 'Password', configured: undefined, twice: false }
const fresh = { question: 'New password', configured: undefined, twice: true }

function setup(fromStdin: boolean) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => true })
  const shown: string[] = []
  const screen = {
    write(text: string) {
      shown.push(text)
      if (text.endsWith(': ')) stdin.write(`${typed.shift() ?? ''}\r`)
    },
  }
  const typed: string[] = []
  return { source: { stdin, screen, fromStdin }, stdin, shown, typed }
}

test('lines of stdin answer in order', async () => {
  const { source, stdin } = setup(true)
  stdin.end('first\r\nsecond\n')
  expect(await readPasswords(source, [old, fresh])).toEqual(['first', 'second'])
})

test.each(['', '\n', 'one line only\n'])(
  'too few lines on stdin (%j) are wrong usage',
  async (text) => {
    const { source, stdin } = setup(true)
    stdin.end(text)
    await expect(readPasswords(source, [old, fresh])).rejects.toThrow(UsageError)
  },
)

test('a flood on stdin is refused, not kept', async () => {
  const { source, stdin } = setup(true)
  stdin.end(Buffer.alloc(70_000, 'x'))
  await expect(readPasswords(source, [old])).rejects.toThrow('too much')
})

test('the environment answers before the prompt does', async () => {
  const { source, shown } = setup(false)
  expect(await readPasswords(source, [{ ...fresh, configured: 'from env' }])).toEqual(['from env'])
  expect(shown).toEqual([])
})

test('a new password is asked for twice and must be the same', async () => {
  const { source, typed } = setup(false)
  typed.push('a long one', 'a long one', 'a long one', 'another')
  expect(await readPasswords(source, [fresh])).toEqual(['a long one'])
  await expect(readPasswords(source, [fresh])).rejects.toThrow('differ')
})
