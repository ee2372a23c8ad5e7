/** How many cases of a step went well, and how many did not. */
export interface Outcome {
  passed: number
  failed: number
  skipped: number
}

/** The fields that are read of vitest's JSON report. */
export interface TestReport {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: { status: string; assertionResults: unknown[] }[]
}

/** Counts a check that either holds or does not. */
export function outcomeOfCheck(succeeded: boolean): Outcome {
  return { passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1, skipped: 0 }
}

/**
 * Counts a test suite. A run that left no report (killed), ran no test, or ended badly although every test passed
 * (an unhandled error, a file that does not load) counts as failed.
 */
export function outcomeOfTests(report: TestReport | undefined, succeeded: boolean): Outcome {
  if (!report) return { passed: 0, failed: 1, skipped: 0 }
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length
  const failed = report.numFailedTests + brokenFiles
  const passed = report.numPassedTests
  const endedBadly = failed === 0 && (!succeeded || passed === 0)
  const skipped = report.numPendingTests + report.numTodoTests
  return { passed, failed: endedBadly ? 1 : failed, skipped }
}

/** Adds up the outcomes of all steps. */
export function sumOf(outcomes: Outcome[]): Outcome {
  const sum: Outcome = { passed: 0, failed: 0, skipped: 0 }
  for (const one of outcomes) {
    sum.passed += one.passed
    sum.failed += one.failed
    sum.skipped += one.skipped
  }
  return sum
}

/** The closing line: `N passed, N failed`, with `, N skipped` when there are any. */
export function lineOf({ passed, failed, skipped }: Outcome): string {
  const line = `${passed} passed, ${failed} failed`
  return skipped > 0 ? `${line}, ${skipped} skipped` : line
}
