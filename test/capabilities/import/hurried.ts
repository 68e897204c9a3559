import timers from 'node:timers/promises'

// Preloaded into a command, so that a test does not wait for minutes. Its clock advances by the whole of each wait.

const factor = 100
const { setTimeout: wait } = timers
const now = performance.now.bind(performance)
let saved = 0
performance.now = () => now() + saved
timers.setTimeout = async (ms = 0, ...rest) => {
  const value = await wait(ms / factor, ...rest)
  saved += ms * (1 - 1 / factor)
  return value
}
