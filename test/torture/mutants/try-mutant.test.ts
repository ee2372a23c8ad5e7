import { expect, test } from 'vitest'
import { allMutants } from './mutants.ts'
import { verdictOf } from './try-mutant.ts'

const mutant = { name: 'deaf', patchFile: '', what: 'Hears nothing.', shownBy: ['I4:', 'I13:'] }

function resultOf(code: number | null, said: string): string {
  return verdictOf({ code, said, tookMs: 0 }, mutant).result
}

test('a mutant is caught by the breach that it is there for, and by no other', () => {
  expect(resultOf(3, 'simulation: 2 breaches, 9 ms\nI1: lost\nI13: late')).toBe('caught')
  expect(resultOf(3, 'presence: 1 breaches, 9 ms\nI14: online')).toBe('mistaken')
})

test('a run that crashes, cannot be carried out or is cut off has caught nothing', () => {
  for (const code of [1, 2, null]) expect(resultOf(code, 'I13: late')).toBe('broken')
  expect(resultOf(0, 'I13: late')).toBe('passed')
})

test('the build as it is passes or does not, and catches nothing', () => {
  expect(verdictOf({ code: 3, said: 'I13: late', tookMs: 0 }).result).toBe('mistaken')
})

test('every patch says by what it is caught', async () => {
  const mutants = await allMutants()
  expect(mutants).toHaveLength(14)
  expect(mutants.filter(({ shownBy }) => shownBy.length === 0)).toEqual([])
})
