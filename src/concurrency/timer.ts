/** Maximum delay of a timer in Node.js. */
const longestTimerMs = 2 ** 31 - 1

/** Runs the work at a time (ms of Date.now()), or at once if it has passed. Returns a function that cancels it. */
export function runAt(ms: number, work: () => void): () => void {
  let timer: NodeJS.Timeout | undefined
  const wait = (): void => {
    const left = ms - Date.now()
    if (left <= 0) work()
    else timer = setTimeout(wait, Math.min(left, longestTimerMs)).unref()
  }
  wait()
  return () => clearTimeout(timer)
}
