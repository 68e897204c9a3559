import { useEffect, useRef, useState } from 'preact/hooks'
import { type DraftBase, deleteDraft, readDraft, saveDraft } from '../../drafts'
import { emptyValues, type FieldValues, sameInputs, valuesOf } from '../../inputs'
import { hasUnsavedInput } from '../../store'
import type { Session, Transition, TransitionEvent } from '../../types'

export interface Conflict {
  theirs: FieldValues
  /** The transition that made the change, if it is known. */
  transition: Transition | undefined
}

const inputEvents: TransitionEvent[] = ['CALCULATE_REQUESTED', 'RETRY_REQUESTED', 'RESET_REQUESTED']

/**
 * State of the form, and the version on which it is based. The form follows the session until the user edits it. Then
 * it stays on its version until the user resolves the conflict.
 */
export function useCalculatorForm(session: Session, transitions: Transition[], onFollowed: () => void) {
  const theirs = session.result ? valuesOf(session.result.inputs) : emptyValues
  const [base, setBase] = useState<DraftBase>(
    () => readDraft(session.id)?.base ?? { values: theirs, version: session.version },
  )
  const [values, setValues] = useState<FieldValues>(() => readDraft(session.id)?.values ?? theirs)
  /** Values last sent from this form. When they come back, they are not a conflict. */
  const sent = useRef<FieldValues | null>(null)
  const changed = !sameInputs(values, base.values)
  const moved = session.version > base.version && !sameInputs(theirs, base.values)
  const isMine = sameInputs(theirs, values) || (sent.current !== null && sameInputs(theirs, sent.current))
  const conflict: Conflict | null =
    moved && changed && !isMine
      ? {
          theirs,
          transition: transitions.findLast(
            ({ sequence, event }) => sequence > base.version && inputEvents.includes(event),
          ),
        }
      : null

  const baseOn = (values: FieldValues, version = session.version): void => setBase({ values, version })

  useEffect(() => {
    if (session.version <= base.version || conflict) return
    if (isMine) sent.current = null
    baseOn(theirs)
    if (changed || !moved) return
    // After a reset, the numbers stay in the form as a preview.
    if (session.result) setValues(theirs)
    onFollowed()
  }, [session.version, conflict === null])

  useEffect(() => {
    hasUnsavedInput.set(changed)
    if (changed && session.state !== 'CLOSED') saveDraft(session.id, { values, base })
    else deleteDraft(session.id)
  }, [changed, values, base, session.state])
  useEffect(() => () => hasUnsavedInput.set(false), [])

  return { values, setValues, base, baseOn, changed, conflict, sent }
}
