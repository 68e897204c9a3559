/** What stands for jose in the suites (environment.ts). */
module.exports = (globalThis as { jose?: unknown }).jose
