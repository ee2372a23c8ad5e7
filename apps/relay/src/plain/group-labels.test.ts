import { expect, test } from 'vitest'
import type { Place } from '../domain/place.ts'
import { labelledGroups } from './group-labels.ts'

const group = (title: string, idEnd: string) => {
  const publicId = Buffer.from(`${'0'.repeat(26)}${idEnd}`, 'hex')
  return { publicId, title, kind: 2, stays: [{ from: 1, to: Infinity }] } as unknown as Place
}

test('a group whose title ends as the label of another has a label of its own', () => {
  const groups = [group('team~1a2b3c', '777777'), group('team', '1a2b3c'), group('team', '888888')]
  expect(labelledGroups(groups, new Map()).map(({ label }) => label)).toEqual([
    '#team~1a2b3c~777777',
    '#team~1a2b3c',
    '#team~888888',
  ])
})
