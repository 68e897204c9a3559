import { readFileSync } from 'node:fs'
import { needsBothStores } from './both-stores'

/** Whether a suite calls `overStores`, itself or through `support/list-cursors`. */
const isOverStores = (suite: string): boolean => /overStores\)\(|list-cursors"/.test(readFileSync(suite, 'utf8'))

/**
 * Selects the suites of `npm run test:gate` (`jest --filter`): the slow ones, and over MongoDB those that `npm test` runs
 * over the embedded store.
 */
async function filter(suites: string[]): Promise<{ filtered: string[] }> {
  process.env.TEST_STORE = 'mongo'
  return {
    filtered: suites.filter(suite => suite.includes('.gate.test') || (!needsBothStores(suite) && isOverStores(suite))),
  }
}

// Jest calls the module itself.
export = filter
