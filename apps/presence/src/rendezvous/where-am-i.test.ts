import { expect, test } from 'vitest'
import { whereAnswer } from './where-am-i.ts'

const nonce = '0123456789abcdef'.repeat(2)
const source = { address: '203.0.113.7', port: 40_000 }
const asked = (text: string) => whereAnswer(Buffer.from(text), source)

test('who asks is told where its datagram came from', () => {
  const answer = `here,${nonce},203.0.113.7:40000`
  expect(asked(`where,${nonce},${'x'.repeat(64)}`)).toBe(answer)
  const six = { address: '2001:db8::1', port: 5 }
  const padded = Buffer.from(`where,${nonce},${'x'.repeat(64)}`)
  expect(whereAnswer(padded, six)).toBe(`here,${nonce},[2001:db8::1]:5`)
})

test('nobody is answered with more than was sent', () => {
  const answer = `here,${nonce},203.0.113.7:40000`
  for (let fill = 0; fill < 40; fill += 1) {
    const question = `where,${nonce},${'x'.repeat(fill)}`
    expect(asked(question)).toBe(question.length >= answer.length ? answer : undefined)
  }
})

test.each(['', 'where', 'where,', `where,${nonce.slice(1)},${'x'.repeat(80)}`, `Where,${nonce}`])(
  'nothing is said to "%s"',
  (text) => expect(asked(text)).toBeUndefined(),
)

test('what follows the question may only fill it up', () => {
  expect(asked(`where,${nonce},${'x'.repeat(64)}\n`)).toBeUndefined()
  expect(asked(`where,${nonce},${'y'.repeat(64)}`)).toBeUndefined()
})
