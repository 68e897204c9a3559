import { useEffect, useLayoutEffect, useState } from 'preact/hooks'
import { formatDate } from '../../format'
import { emptyValues, type FieldName, type FieldValues, formatInput, sameInputs } from '../../inputs'
import { readLatestResult } from '../../live/latest-result'
import type { Session } from '../../types'
import { words } from '../../words'
import './proposal.css'

interface Proposal {
  /** Name of the organisation or mentor to which the source result belongs. */
  from: string
  computedAt: string
  values: Pick<FieldValues, 'costPerHour' | 'currency' | 'valueSource'>
}

const proposed = ['costPerHour', 'currency', 'valueSource'] as const satisfies FieldName[]

/**
 * Returns a proposal based on the latest result of the session's organisation. If the organisation has no result, uses
 * the mentor's latest result.
 */
async function readProposal({ organisationId, mentorId }: Session, signal: AbortSignal): Promise<Proposal | null> {
  const ofOrganisation = organisationId === null ? null : await readLatestResult({ organisationId }, signal)
  const result = ofOrganisation ?? (await readLatestResult({ mentorId }, signal))
  if (!result) return null
  const { costPerHour, currency, valueSource } = result.inputs
  return {
    from: ofOrganisation && organisationId !== null ? organisationId : mentorId,
    computedAt: result.computedAt,
    values: { costPerHour: formatInput(costPerHour), currency: currency ?? '', valueSource: valueSource ?? '' },
  }
}

interface ProposalForm {
  session: Session
  canSave: boolean
  values: FieldValues
  setValues(values: FieldValues): void
  baseOn(values: FieldValues): void
}

/**
 * Proposes values for a session that never had a result. Proposed values become the form's initial values and don't
 * count as user input. The note says where the proposed values come from, and has a button that clears them.
 */
export function ProposalNote({ session, canSave, values, setValues, baseOn }: ProposalForm) {
  const [proposal, setProposal] = useState<Proposal | null>(null)
  const isNew = canSave && session.result === null && session.results.length === 0
  const id = session.id
  useEffect(() => {
    if (!isNew) return
    const reading = new AbortController()
    readProposal(session, reading.signal).then(setProposal, () => {})
    return () => reading.abort()
  }, [id, isNew])
  // An ordinary effect would run after the next paint, and replace what the user has typed until then.
  useLayoutEffect(() => {
    if (!proposal || !sameInputs(values, emptyValues)) return
    const filled = { ...emptyValues, ...proposal.values }
    baseOn(filled)
    setValues(filled)
  }, [proposal])

  if (!proposal || !isNew) return null
  const kept = proposed.filter(name => proposal.values[name] !== '' && values[name] === proposal.values[name])
  if (kept.length === 0) return null
  const clear = (event: MouseEvent): void => {
    baseOn(emptyValues)
    setValues({ ...values, ...Object.fromEntries(kept.map(name => [name, ''])) })
    ;(event.currentTarget as Element).closest('form')?.querySelector<HTMLElement>('[name="costPerHour"]')?.focus()
  }
  return (
    <p class="proposal" role="status">
      {words.proposal.from(<bdi>{proposal.from}</bdi>, formatDate(proposal.computedAt))}{' '}
      <button type="button" class="quiet" onClick={clear}>
        {words.proposal.clear}
      </button>
    </p>
  )
}
