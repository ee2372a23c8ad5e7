import { describe, expect, test } from 'vitest'
import { UsageError } from './exit-code.ts'
import { matchGroup, parseTarget } from './target.ts'

const id = '01900000-0000-7000-8000-00000000000b'

describe('parseTarget', () => {
  test.each([
    ['@bob', { kind: 'user', name: 'bob' }],
    ['#tea time', { kind: 'group', title: 'tea time' }],
    ['notices', { kind: 'notices' }],
    [id.toUpperCase(), { kind: 'conversation', conversationId: id }],
  ])('%s', (text, target) => {
    expect(parseTarget(text)).toEqual(target)
  })

  test.each(['', '@', '#', 'bob', `${id}0`])('%j is wrong usage', (text) => {
    expect(() => parseTarget(text)).toThrow(UsageError)
  })
})

describe('matchGroup', () => {
  const group = (title: string, n: number, dissolved = false) => ({
    title,
    dissolved,
    conversationId: `id-${n}`,
  })
  const groups = [group('Tea', 1), group('Tea time', 2), group('Walks', 3), group('茶', 4)]

  test.each([
    ['the exact title before longer ones', 'tea', 'id-1'],
    ['a beginning that only one has', 'wal', 'id-3'],
    ['a Chinese title', '茶', 'id-4'],
  ])('%s', (_note, title, wanted) => {
    expect(matchGroup(groups, title).conversationId).toBe(wanted)
  })

  test('several are refused with their ids', () => {
    expect(() => matchGroup(groups.slice(1), 't')).not.toThrow()
    expect(() => matchGroup([...groups, group('Walking', 5)], 'walk')).toThrow(/id-3[\s\S]*id-5/)
    expect(() => matchGroup([...groups, group('TEA', 6)], 'tea')).toThrow(/id-1[\s\S]*id-6/)
  })

  test('a dissolved group gives way to a living one of its name', () => {
    expect(matchGroup([group('Tea', 7, true), group('Tea', 1)], 'tea').conversationId).toBe('id-1')
    expect(matchGroup([group('Old', 8, true)], 'old').conversationId).toBe('id-8')
  })

  test('none is refused', () => {
    expect(() => matchGroup(groups, 'chess')).toThrow('chess')
  })
})
