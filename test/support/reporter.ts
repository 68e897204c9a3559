import type { AggregatedResult, Reporter, TestResult } from '@jest/reporters'

const slowestShown = 10

/** Ends the output of a run with its slowest suites and its counts. */
export default class CountReporter implements Pick<Reporter, 'onRunComplete'> {
  onRunComplete(_contexts: unknown, results: AggregatedResult): void {
    const seconds = ({ perfStats: { start, end } }: TestResult): number => (end - start) / 1_000
    const slowest = results.testResults.toSorted((a, b) => seconds(b) - seconds(a)).slice(0, slowestShown)
    for (const suite of slowest) {
      const [, name] = suite.testFilePath.split(/[\\/]dist[\\/]/)
      process.stdout.write(`${seconds(suite).toFixed(1).padStart(6)} s ${name}\n`)
    }
    const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = results
    const failed = numFailedTests + numRuntimeErrorTestSuites
    process.stdout.write(`${numPassedTests} passed, ${failed} failed, ${numPendingTests} skipped\n`)
  }
}
