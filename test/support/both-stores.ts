/** Suites about the stores, suites of the gate, and one suite of each interface's basics. */
const onBothStores = /\/test\/(db|sessions)\/|[.]gate[.]test|\/(store|checkpoint|retention|lifecycle)[^/]*$/

/** Whether a suite runs over both stores in one run. Its path says so. */
export const needsBothStores = (suite: string): boolean => onBothStores.test(suite.replaceAll('\\', '/'))
