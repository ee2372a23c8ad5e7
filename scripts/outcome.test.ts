import { describe, expect, it } from 'vitest'
import { lineOf, outcomeOfCheck, outcomeOfTests, sumOf } from './outcome.ts'
import type { TestReport } from './outcome.ts'

const clean: TestReport = {
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [{ status: 'passed', assertionResults: [{}, {}, {}] }],
}

describe('outcomeOfTests', () => {
  it('counts the tests of a clean run', () => {
    expect(outcomeOfTests(clean, true)).toEqual({ passed: 3, failed: 0, skipped: 0 })
  })

  it('fails a run that left no report', () => {
    expect(outcomeOfTests(undefined, true).failed).toBe(1)
  })

  it('fails a run without a single test', () => {
    expect(outcomeOfTests({ ...clean, numPassedTests: 0, testResults: [] }, true).failed).toBe(1)
  })

  it('fails a run that ended badly although all its tests passed', () => {
    expect(outcomeOfTests(clean, false)).toEqual({ passed: 3, failed: 1, skipped: 0 })
  })

  it('counts a file that does not load beside failed tests', () => {
    const testResults = [{ status: 'failed', assertionResults: [] }]
    expect(outcomeOfTests({ ...clean, numFailedTests: 2, testResults }, false).failed).toBe(3)
  })
})

describe('the closing line', () => {
  it('sums all steps', () => {
    const all = [outcomeOfCheck(true), outcomeOfCheck(false), outcomeOfTests(clean, true)]
    expect(lineOf(sumOf(all))).toBe('4 passed, 1 failed')
  })

  it('mentions what was skipped', () => {
    expect(lineOf({ passed: 1, failed: 0, skipped: 2 })).toBe('1 passed, 0 failed, 2 skipped')
  })
})
