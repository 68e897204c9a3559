import { fromHere } from './probe'

/** Maximum time in ms per event-loop turn for scheduled work, after which the event loop polls for I/O again. */
const turnMs = 5
/**
 * Maximum time in ms for which new connections take precedence over scheduled work. Without this precedence, new
 * connections would wait too long, because Node.js accepts only one connection per event-loop turn.
 */
const acceptingMs = 20

// The queue of scheduled work is module state, because all work in a process shares one event loop.
const waiting = new Set<{ work: () => void }>()
let isComing = false
let isAccepting = false
let lastWorked = 0
/** Time of the first `runSoon` call in the current event-loop turn, or undefined before the first call. */
let began: number | undefined

/** Gives new connections precedence after a connection was accepted, because more connections may be waiting. */
export function noteConnection(): void {
  isAccepting = true
}

/** Runs `work` now if the current event-loop turn has time left for scheduled work, and otherwise in a later turn. */
export function runSoon(work: () => void): void {
  if (began === undefined) {
    began = performance.now()
    setImmediate(() => {
      began = undefined
    })
  }
  if (waiting.size === 0 && performance.now() - began < turnMs) work()
  else runLater(work)
}

/** Yields to the event loop, unless the current event-loop turn has time left for scheduled work. */
export const yieldToEventLoop = (): Promise<void> => new Promise(runSoon)

/** Runs `work` in a later event-loop turn, after all work that was scheduled earlier. */
export function runLater(work: () => void): void {
  waiting.add({ work: fromHere(work) })
  if (isComing) return
  isComing = true
  setImmediate(runQueued)
}

function runQueued(): void {
  const now = performance.now()
  if (isAccepting && now - lastWorked < acceptingMs) {
    isAccepting = false
    setImmediate(runQueued)
    return
  }
  isAccepting = false
  next(now + turnMs)
}

function next(end: number): void {
  const [first] = waiting
  if (first) waiting.delete(first)
  // Before the next scheduled work, run the microtasks that `work` has queued.
  queueMicrotask(() => process.nextTick(goOn, end))
  first?.work()
}

function goOn(end: number): void {
  lastWorked = performance.now()
  isComing = waiting.size > 0
  if (isComing && lastWorked < end) next(end)
  else if (isComing) setImmediate(runQueued)
}

/** Maximum delay of a Node.js timer, in ms. */
const longestTimerMs = 2 ** 31 - 1

/**
 * Runs `work` at the time `ms` (since the Unix epoch), or immediately if `ms` has passed. Returns a function that
 * cancels `work`.
 */
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
