import { stallMs } from '../../src/concurrency/event-loop-stalls'

/** CPU time of this thread, or of the process if Node.js is too old to tell, in ms. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage()
  return (user + system) / 1_000
}

/** Number of times that work with a stall is measured. Now and then, a garbage collection makes one turn longer. */
const attempts = 3

/**
 * Returns how long the longest turn of the event loop was while the work ran, in ms of CPU time: other work had to wait
 * for so long. CPU time does not count what other processes take. The first attempt without a stall counts, or else the
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
    // The turn in which the work ended counts too.
    await new Promise(setImmediate)
  } finally {
    isDone = true
  }
  return longest
}
