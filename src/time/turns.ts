import { fromHere } from '../probe'

/** How long work is done in one turn of the event loop before what came from outside is looked at again. */
const turnMs = 5
/** How long new connections go before work: the runtime accepts one in each turn, and those that wait are many at times. */
const acceptingMs = 20

const waiting = new Set<{ work: () => void }>()
let isComing = false
let isAccepting = false
let lastWorked = 0
/** When the turn that runs began, once something was asked of it. */
let began: number | undefined

/** Tells that a connection was accepted, and that more may wait. */
export function accepted(): void {
  isAccepting = true
}

/** Does the work at once where this turn of the event loop has time for it, and otherwise in one that has. */
export function soon(work: () => void): void {
  if (began === undefined) {
    began = performance.now()
    setImmediate(() => {
      began = undefined
    })
  }
  if (waiting.size === 0 && performance.now() - began < turnMs) work()
  else inTurn(work)
}

/** Does the work in a later turn of the event loop, after all that was asked for before. */
export function inTurn(work: () => void): void {
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
  // What the work sets off is over when the microtasks are.
  queueMicrotask(() => process.nextTick(goOn, end))
  first?.work()
}

function goOn(end: number): void {
  lastWorked = performance.now()
  isComing = waiting.size > 0
  if (isComing && lastWorked < end) next(end)
  else if (isComing) setImmediate(turn)
}
