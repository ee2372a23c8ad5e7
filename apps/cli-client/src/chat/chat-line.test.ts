import { expect, test } from 'vitest'
import { firstWords, parseChatLine, splitPaths } from './chat-line.ts'

test.each([
  ['   ', { kind: 'nothing' }],
  ['hello', { kind: 'say', text: 'hello' }],
  ['//etc is a folder', { kind: 'say', text: '/etc is a folder' }],
  ['/quit', { kind: 'command', name: 'quit', rest: '' }],
  ['/Reply 3  yes, gladly', { kind: 'command', name: 'reply', rest: '3  yes, gladly' }],
  ['/', { kind: 'command', name: '', rest: '' }],
])('%j', (line, wanted) => {
  expect(parseChatLine(line)).toEqual(wanted)
})

test('words in front are split off and the text stays as it was', () => {
  expect(firstWords('3 yes,  gladly', 1)).toEqual({ words: ['3'], rest: 'yes,  gladly' })
  expect(firstWords('3', 2)).toEqual({ words: ['3'], rest: '' })
})

test.each([
  ['a.txt b.txt', ['a.txt', 'b.txt']],
  ['"my file.txt" other', ['my file.txt', 'other']],
  ["'it is.txt'", ['it is.txt']],
  ['my\\ file.txt', ['my file.txt']],
  ['"say \\"hi\\".txt"', ['say "hi".txt']],
  ['', []],
])('paths in %j', (text, paths) => {
  expect(splitPaths(text)).toEqual(paths)
})
