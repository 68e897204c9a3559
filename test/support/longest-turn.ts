import { stallMs } from '../../src/concurrency/event-loop-stalls'

/** CPU time of this thread in ms, or that of the process if Node.js is too old to report it. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage()
  return (user + system) / 1_000
}

/** Number of times that work with a stall is measured, because a garbage collection may make one turn longer. */
const attempts = 3

/**
 * Returns the CPU time in ms of the longest turn of the event loop during the work. Other work had to wait for that
 * long. CPU time does not include what other processes use. The first attempt without a stall counts, or else the
 * shortest.
 */
export async function longestTurnOf(work: () => Promise<unknown>): Promise<number> {
  let shortest = Number.POSITIVE_INFINITY
  for (let attempt = 0; shortest >= stallMs && attempt < attempts; attempt++)
    shortest = Math.min(shortest, await longestTurn(work))
  return shortest
}

async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  let longest = 0
  let last = cpuMs()
  let isDone = false
  const look = (): void => {
    const now = cpuMs()
    longest = Math.max(longest, now - last)
    last = now
    if (!isDone) setImmediate(look)
  }
  setImmediate(look)
  try {
    await work()
    // The turn in which the work ended also counts.
    await new Promise(setImmediate)
  } finally {
    isDone = true
  }
  return longest
}
