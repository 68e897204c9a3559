import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { type DraftBase, deleteDraft, readDraft, saveDraft } from '../../drafts'
import { differingFields, emptyValues, type FieldName, type FieldValues, sameInputs, valuesOf } from '../../inputs'
import { hasUnsavedInput } from '../../store'
import type { Session, Transition, TransitionEvent } from '../../types'

export interface Conflict {
  /**
   * Fields that both users changed. If another user reset the session meanwhile, `fields` contains all fields whose values differ.
   */
  fields: FieldName[]
  /**
   * Form values for each choice: in the conflicting fields, `theirs` has the saved values, and `mine` has the values
   * that this user typed.
   */
  theirs: FieldValues
  mine: FieldValues
  /** The transition that caused the conflict, if it is known. */
  transition: Transition | undefined
}

/** Another user's changes, which were merged into the form. */
export interface Merge {
  fields: FieldName[]
  transition: Transition | undefined
}

const inputEvents: TransitionEvent[] = ['CALCULATE_REQUESTED', 'RETRY_REQUESTED', 'RESET_REQUESTED']

/**
 * State of the calculator form, and the session version on which the form is based. The form follows the session until
 * the user edits the form. After an edit, only the fields that the user has not changed still follow the session. If
 * someone else changes a field that the user has also changed, the form stays on the older version until the user
 * resolves the conflict.
 */
export function useCalculatorForm(session: Session, transitions: Transition[], onFollowed: () => void) {
  const resultValues = session.result ? valuesOf(session.result.inputs) : emptyValues
  // If a draft from an earlier version of the page lacks fields, use the session's values for these fields.
  const withAllFields = (values: Partial<FieldValues> | undefined): FieldValues => ({ ...resultValues, ...values })
  const [base, setBase] = useState<DraftBase>(() => {
    const { values, version = session.version } = readDraft(session.id)?.base ?? {}
    return { values: withAllFields(values), version }
  })
  // If the session never had a result, compare with the form's initial values, because the session has no values.
  const hasNoValues = session.result === null && session.results.length === 0
  const theirs = hasNoValues ? base.values : resultValues
  const [values, setValues] = useState<FieldValues>(() => withAllFields(readDraft(session.id)?.values))
  const [merge, setMerge] = useState<Merge | null>(null)
  /** The values that this form sent last, which do not cause a conflict when they arrive from the server. */
  const sent = useRef<FieldValues | null>(null)
  const changed = !sameInputs(values, base.values)
  const moved = session.version > base.version && !sameInputs(theirs, base.values)
  const isMine = sameInputs(theirs, values) || (sent.current !== null && sameInputs(theirs, sent.current))
  const transition = transitions.findLast(
    ({ sequence, event }) => sequence > base.version && inputEvents.includes(event),
  )
  const theirFields = differingFields(theirs, base.values)
  const myFields = differingFields(values, base.values)
  const wasReset = session.result === null
  const disputed = differingFields(values, theirs).filter(
    name => wasReset || (theirFields.includes(name) && myFields.includes(name)),
  )
  const conflict: Conflict | null =
    moved && changed && !isMine && disputed.length > 0
      ? {
          fields: disputed,
          theirs: wasReset ? theirs : { ...theirs, ...pick(values, without(myFields, disputed)) },
          mine: wasReset ? values : { ...theirs, ...pick(values, myFields) },
          transition,
        }
      : null

  const baseOn = (values: FieldValues, version = session.version): void => setBase({ values, version })

  // An ordinary effect would run after the next paint, and replace what the user has typed until then.
  useLayoutEffect(() => {
    if (session.version <= base.version || conflict) return
    if (isMine) sent.current = null
    baseOn(theirs)
    if (!moved) return
    if (changed) {
      if (isMine) return
      setValues({ ...theirs, ...pick(values, myFields) })
      const fields = without(theirFields, myFields)
      setMerge(fields.length > 0 ? { fields, transition } : null)
      return
    }
    // After a reset of the session, keep the form's numbers as a preview.
    if (session.result) setValues(theirs)
    onFollowed()
  }, [session.version, conflict === null])

  useEffect(() => {
    hasUnsavedInput.set(changed)
    if (!changed) setMerge(null)
    if (changed && session.state !== 'CLOSED') saveDraft(session.id, { values, base })
    else deleteDraft(session.id)
  }, [changed, values, base, session.state])
  useEffect(() => () => hasUnsavedInput.set(false), [])

  /**
   * Resolves the conflict by using one user's values for the disputed fields. All other changes by both users are
   * merged.
   */
  const resolve = (conflict: Conflict, side: 'theirs' | 'mine'): void => {
    baseOn(theirs)
    setValues(conflict[side])
    const fields = without(theirFields, [...myFields, ...conflict.fields])
    setMerge(fields.length > 0 ? { fields, transition } : null)
  }

  return { values, setValues, base, baseOn, changed, conflict, resolve, merge, sent }
}

const pick = (values: FieldValues, names: FieldName[]): Partial<FieldValues> =>
  Object.fromEntries(names.map(name => [name, values[name]]))

const without = (names: FieldName[], others: FieldName[]): FieldName[] => names.filter(name => !others.includes(name))
