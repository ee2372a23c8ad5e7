import { expect, test } from 'vitest'
import { Output } from './output.ts'

function setup() {
  const out: string[] = []
  const err: string[] = []
  const sink = (lines: string[]) => ({ write: (text: string) => lines.push(text) })
  return { output: new Output(sink(out), sink(err)), out, err }
}

test('people get the sentence, made safe, with one newline', () => {
  const { output, out } = setup()
  output.result({ type: 'x' }, 'hi \u001b[31m')
  expect(out).toEqual(['hi ␛[31m\n'])
})

test('programs get one JSON object per line and no remarks', () => {
  const { output, out, err } = setup()
  output.json = true
  output.note('by the way')
  output.results(
    [
      { type: 'a', n: 1 },
      { type: 'a', n: 2 },
    ],
    () => 'table',
    'none',
  )
  expect(out).toEqual(['{"type":"a","n":1}\n', '{"type":"a","n":2}\n'])
  expect(err).toEqual([])
})

test('an empty list prints nothing on stdout and says so on stderr', () => {
  const { output, out, err } = setup()
  output.results([], () => 'table', 'nobody')
  expect(out).toEqual([])
  expect(err).toEqual(['nobody\n'])
})

test('a failure goes to stderr with its reason in both forms', () => {
  const { output, err } = setup()
  output.failure('parley', 'BLOCKED', 'no\u0007')
  output.json = true
  output.failure('parley', 'BLOCKED', 'no')
  expect(err).toEqual([
    'parley: BLOCKED: no␇\n',
    '{"type":"error","reason":"BLOCKED","message":"no"}\n',
  ])
})

test('what was said is taken when the sink says so, and nobody waits longer than until the signal', async () => {
  const takes: (() => void)[] = []
  const write = (_text: string, taken?: () => void) => {
    if (taken) takes.push(taken)
  }
  const output = new Output({ write }, { write: () => undefined })
  const states: string[] = []
  const stop = new AbortController()
  const first = output.taken(stop.signal).then(() => states.push('first'))
  await new Promise((resolve) => setImmediate(resolve))
  expect(states).toEqual([])
  takes[0]?.()
  await first
  const second = output.taken(stop.signal)
  stop.abort()
  await second
  await output.taken(stop.signal)
  expect(takes).toHaveLength(2)
})
