import timers from 'node:timers/promises'

// Preloaded into a command, so that a test does not wait for minutes.

const factor = 100
const { setTimeout: wait } = timers
const now = performance.now.bind(performance)
performance.now = () => now() * factor
timers.setTimeout = (ms, ...rest) => wait((ms ?? 0) / factor, ...rest)
