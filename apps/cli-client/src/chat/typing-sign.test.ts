import { expect, test } from 'vitest'
import { TypingSign } from './typing-sign.ts'

function setup() {
  const told: string[] = []
  let nowMs = 0
  const client = { typing: (id: string, typing: boolean) => void told.push(`${id} ${typing}`) }
  const sign = new TypingSign(client, { monotonic: () => nowMs })
  return { sign, told, pass: (ms: number) => (nowMs += ms) }
}

test('many keys are told once in 3 s, the end at once', () => {
  const { sign, told, pass } = setup()
  for (const line of ['h', 'he', 'hel']) sign.typed('tea', line)
  pass(3_000)
  sign.typed('tea', 'hell')
  sign.sent()
  sign.sent()
  expect(told).toEqual(['tea true', 'tea true', 'tea false'])
})

test('commands and lines to nobody are not told', () => {
  const { sign, told } = setup()
  sign.typed('tea', '/help')
  sign.typed(undefined, 'hello')
  sign.sent()
  expect(told).toEqual([])
})

test('a line that was given up is told', () => {
  const { sign, told } = setup()
  sign.typed('tea', 'h')
  sign.typed('tea', '')
  expect(told).toEqual(['tea true', 'tea false'])
})
