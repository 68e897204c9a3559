import { useEffect, useRef, useState } from 'preact/hooks'
import { type Base, draftOf, forgetDraft, keepDraft } from '../drafts'
import { blankValues, same, textOf, type Values } from '../inputs'
import { unsaved } from '../store'
import type { Session, Transition, TransitionEvent } from '../types'

export interface Conflict {
  theirs: Values
  /** The transition that made the change, if it is known. */
  made: Transition | undefined
}

const ofNumbers: TransitionEvent[] = ['CALCULATE_REQUESTED', 'RETRY_REQUESTED', 'RESET_REQUESTED']

/**
 * State of the form, and the version on which it is based. The form follows the session until the user edits it. Then
 * it stays on its version until the user resolves the conflict.
 */
export function useForm(session: Session, transitions: Transition[], followed: () => void) {
  const theirs = session.result ? textOf(session.result.inputs) : blankValues
  const [base, setBase] = useState<Base>(
    () => draftOf(session.id)?.base ?? { values: theirs, version: session.version },
  )
  const [values, setValues] = useState<Values>(() => draftOf(session.id)?.values ?? theirs)
  /** Values last sent from this form. When they come back, they are not a conflict. */
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
    // After a reset, the numbers stay in the form as a preview.
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
