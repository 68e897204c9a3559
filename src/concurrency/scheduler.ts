import { fromHere } from './probe'

/** Time in ms for which work runs in one turn of the event loop before I/O is polled again. */
const turnMs = 5
/** Time in ms for which new connections take precedence over work, because the runtime accepts only one per turn. */
const acceptingMs = 20

// Module state, because a process has one event loop and all work shares its turns.
const waiting = new Set<{ work: () => void }>()
let isComing = false
let isAccepting = false
let lastWorked = 0
/** Start of the current turn of the event loop, if `runSoon` was called in it. */
let began: number | undefined

/** Records that a connection was accepted, and that more may be waiting. */
export function noteConnection(): void {
  isAccepting = true
}

/** Runs the work now if this turn of the event loop has time left, otherwise in a later one. */
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

/** Runs the work in a later turn of the event loop, after all work queued before it. */
export function runLater(work: () => void): void {
  waiting.add({ work: fromHere(work) })
  if (isComing) return
  isComing = true
  setImmediate(turn)
}

function turn(): void {
  const now = performance.now()
  if (isAccepting && now - lastWorked < acceptingMs) {
    isAccepting = false
    setImmediate(turn)
    return
  }
  isAccepting = false
  next(now + turnMs)
}

function next(end: number): void {
  const [first] = waiting
  if (first) waiting.delete(first)
  // Continue after the microtasks that the work has queued.
  queueMicrotask(() => process.nextTick(goOn, end))
  first?.work()
}

function goOn(end: number): void {
  lastWorked = performance.now()
  isComing = waiting.size > 0
  if (isComing && lastWorked < end) next(end)
  else if (isComing) setImmediate(turn)
}

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
