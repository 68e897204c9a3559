/** No timer waits longer. */
const longestTimerMs = 2 ** 31 - 1

/** Does the work at a time of Date.now(), in ms, however far that is: at once where it has passed. What it returns calls that off. */
export function atTime(ms: number, work: () => void): () => void {
  let timer: NodeJS.Timeout | undefined
  const wait = (): void => {
    const left = ms - Date.now()
    if (left <= 0) work()
    else timer = setTimeout(wait, Math.min(left, longestTimerMs)).unref()
  }
  wait()
  return () => clearTimeout(timer)
}
