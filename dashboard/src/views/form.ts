import { useEffect, useRef, useState } from 'preact/hooks'
import { type Base, draftOf, forgetDraft, keepDraft } from '../drafts'
import { blankValues, same, textOf, type Values } from '../inputs'
import { unsaved } from '../store'
import type { Session, Transition, TransitionEvent } from '../types'

export interface Conflict {
  theirs: Values
  /** What made them so, where that is known. */
  made: Transition | undefined
}

const ofNumbers: TransitionEvent[] = ['CALCULATE_REQUESTED', 'RETRY_REQUESTED', 'RESET_REQUESTED']

/**
 * What is typed of a session's numbers, and what it is based on. The form follows the session, unless something is typed:
 * then it stays on the version that it was begun with until it is said what is to be kept.
 */
export function useForm(session: Session, transitions: Transition[], followed: () => void) {
  const theirs = session.result ? textOf(session.result.inputs) : blankValues
  const [base, setBase] = useState<Base>(
    () => draftOf(session.id)?.base ?? { values: theirs, version: session.version },
  )
  const [values, setValues] = useState<Values>(() => draftOf(session.id)?.values ?? theirs)
  /** What was sent from here: it is no other's when it comes back. */
  const sent = useRef<Values | null>(null)
  const changed = !same(values, base.values)
  const moved = session.version > base.version && !same(theirs, base.values)
  const isMine = same(theirs, values) || (sent.current !== null && same(theirs, sent.current))
  const conflict: Conflict | null =
    moved && changed && !isMine
      ? {
          theirs,
          made: transitions.findLast(({ sequence, event }) => sequence > base.version && ofNumbers.includes(event)),
        }
      : null

  const baseOn = (values: Values, version = session.version): void => setBase({ values, version })

  useEffect(() => {
    if (session.version <= base.version || conflict) return
    if (isMine) sent.current = null
    baseOn(theirs)
    if (changed || !moved) return
    // The numbers of a result that was reset stay, as what they would give.
    if (session.result) setValues(theirs)
    followed()
  }, [session.version, conflict === null])

  useEffect(() => {
    unsaved.set(changed)
    if (changed && session.state !== 'CLOSED') keepDraft(session.id, { values, base })
    else forgetDraft(session.id)
  }, [changed, values, base, session.state])
  useEffect(() => () => unsaved.set(false), [])

  return { values, setValues, base, baseOn, changed, conflict, sent }
}
