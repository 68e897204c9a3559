import { announceSoon } from '../store'
import type { Transition } from '../types'
import { words } from '../words'

/** The latest transition that was made from this page. The answer that says so may come after it, by so much. */
let own = { id: '', sequence: 0 }
const answerMs = 1_000

export function madeHere(id: string, sequence: number): void {
  own = { id, sequence }
}

/** Says what somebody else did, but for results, of which their numbers are said. */
export function tell(id: string, { event, sequence, by }: Transition): void {
  if (event === 'CALCULATE_REQUESTED') return
  setTimeout(() => {
    if (own.id !== id || own.sequence < sequence) announceSoon(words.timeline.said(words.events[event], by))
  }, answerMs)
}
