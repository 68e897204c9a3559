import { announceSoon } from '../store'
import type { Transition } from '../types'
import { words } from '../words'

/** Latest transition made from this page. The feed may deliver it up to `answerMs` before the response. */
let own = { id: '', sequence: 0 }
const answerMs = 1_000

export function madeHere(id: string, sequence: number): void {
  own = { id, sequence }
}

/** Announces a transition made elsewhere. Results are not announced here, but with their numbers. */
export function tell(id: string, { event, sequence, by }: Transition): void {
  if (event === 'CALCULATE_REQUESTED') return
  setTimeout(() => {
    if (own.id !== id || own.sequence < sequence) announceSoon(words.timeline.said(words.events[event], by))
  }, answerMs)
}
