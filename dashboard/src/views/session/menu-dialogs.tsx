import { useRef } from 'preact/hooks'
import { monthAfter, monthAt } from '../../../../src/domain/months'
import { newDeletion } from '../../deleted'
import { saveDraft } from '../../drafts'
import { currencyFormats, formatDateTime, formatPeriod } from '../../format'
import { emptyValues, valuesOf } from '../../inputs'
import { navigate } from '../../router'
import { announce } from '../../store'
import type { Inputs, Session } from '../../types'
import { words } from '../../words'
import { useAction } from '../action'
import { ConfirmDialog } from '../confirm-button'
import { lazy } from '../lazy'
import { forgetOpenedRow } from '../scroll-restoration'
import { openStarted, startSession } from '../start-dialog'
import { useDispatch } from './dispatch'

const ReassignDialog = lazy(() => import('../reassign-dialog').then(({ ReassignDialog }) => ReassignDialog))

export type Asked = 'reassign' | 'reset' | 'close'

interface MenuDialogsProps {
  session: Session
  asked: Asked | null
  onClose(): void
  onDone(): void
}

export function MenuDialogs({ session, asked, onClose, onDone }: MenuDialogsProps) {
  /**
   * Whether the user has ever opened the reassign dialog. Once opened, the reassign dialog stays mounted, so that
   * repeating a stopped change uses the same idempotency key.
   */
  const mayReassign = useRef(false)
  mayReassign.current ||= asked === 'reassign'
  return (
    <>
      {mayReassign.current && <ReassignDialog rows={[session]} isOpen={asked === 'reassign'} onClose={onClose} />}
      <ResetDialog session={session} isOpen={asked === 'reset'} onClose={onClose} onDone={onDone} />
      <CloseDialog session={session} isOpen={asked === 'close'} onClose={onClose} />
    </>
  )
}

interface EndingProps {
  session: Session
  isOpen: boolean
  onClose(): void
}

/** Identifies the session by its label, mentor, organisation and period. */
function Subject({ session: { mentorId, organisationId, createdAt, result } }: { session: Session }) {
  const { label, period } = result?.inputs ?? {}
  return (
    <p class="subject">
      {label && (
        <strong>
          <bdi>{label}</bdi>
        </strong>
      )}
      <span>
        {words.session.facts(
          <strong>
            <bdi>{mentorId}</bdi>
          </strong>,
          organisationId === null ? null : <bdi>{organisationId}</bdi>,
          formatDateTime(createdAt),
        )}
      </span>
      {period && <span>{formatPeriod(period)}</span>}
    </p>
  )
}

/** Lists the result and the share links that the user's action removes. */
function Consequences({ session: { result, shares } }: { session: Session }) {
  return (
    <ul class="consequences">
      {result && (
        <li>
          {words.ends.result(
            <strong>{currencyFormats(result.inputs.currency).money(result.outputs.netBenefit)}</strong>,
          )}
        </li>
      )}
      {(shares.length > 0 || !result) && <li>{words.ends.links(shares.length)}</li>}
    </ul>
  )
}

function ResetDialog({ session, isOpen, onClose, onDone }: EndingProps & { onDone(): void }) {
  const { dispatch, failure } = useDispatch(session)
  const reset = async (version: number): Promise<boolean> => {
    const isDone = await dispatch('RESET_REQUESTED', version)
    if (isDone) setTimeout(onDone)
    return isDone
  }
  return (
    <ConfirmDialog
      action={words.actions.RESET_REQUESTED}
      keep={words.reset.keep}
      heading={words.reset.heading}
      failure={failure}
      version={session.version}
      onConfirm={reset}
      isOpen={isOpen}
      onClose={onClose}
    >
      <Subject session={session} />
      <p>{words.reset.what}</p>
      <Consequences session={session} />
      <p class="soft">{words.reset.numbersStay}</p>
    </ConfirmDialog>
  )
}

function CloseDialog({ session, isOpen, onClose }: EndingProps) {
  const { failure, run } = useAction()
  const close = (version: number): Promise<boolean> =>
    run(async () => {
      await newDeletion()({ ...session, version })
      announce(words.close.done)
      forgetOpenedRow()
      navigate({})
    })
  return (
    <ConfirmDialog
      action={words.close.open}
      keep={words.close.keep}
      heading={words.close.heading}
      failure={failure}
      version={session.version}
      onConfirm={close}
      isOpen={isOpen}
      onClose={onClose}
    >
      <Subject session={session} />
      <p>{words.close.what}</p>
      <Consequences session={session} />
    </ConfirmDialog>
  )
}

/**
 * If the period is a whole month, returns the following month. Returns null for any other period, because it has no
 * obvious successor.
 */
function nextPeriod(period: Inputs['period']): Inputs['period'] {
  if (!period) return null
  const month = monthAt(period.from)
  const next = monthAfter(month, 1)
  const isWholeMonth = period.from === `${month}-01` && period.to === lastDayOf(month)
  return isWholeMonth ? { from: `${next}-01`, to: lastDayOf(next) } : null
}

const lastDayOf = (month: string): string =>
  new Date(Date.parse(`${monthAfter(month, 1)}-01`) - 1).toISOString().slice(0, 10)

/**
 * Starts another session for a session's mentor and organisation, and opens it with the same numbers, the next period,
 * and no label.
 */
export async function startSimilar({ mentorId, organisationId, result }: Session): Promise<void> {
  if (!result) return
  const id = await startSession(mentorId, organisationId ?? '')
  const values = valuesOf({ ...result.inputs, label: null, period: nextPeriod(result.inputs.period) })
  saveDraft(id, { values, base: { values: emptyValues, version: 1 } })
  openStarted(id)
}
