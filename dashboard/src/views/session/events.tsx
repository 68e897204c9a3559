import type { RefObject } from 'preact'
import type { Session } from '../../types'
import { words } from '../../words'
import { DialogButton } from '../dialog-button'
import { ErrorMessage } from '../error-message'
import { lazy } from '../lazy'
import { useChange } from './change'
import { useDispatch } from './dispatch'
import { SessionMenu } from './menu'
import { Waiting } from './waiting'
import './events.css'

const LazyShareDialog = lazy(() => import('./share-dialog').then(({ ShareDialog }) => ShareDialog))

interface EventButtonsProps {
  session: Session
  canChange: boolean
  /** Whether sharing is the next step, because all numbers are saved. */
  isSaved: boolean
  /** On a phone, the button that shows the form. Absent if the form is shown anyway. */
  edit: RefObject<HTMLButtonElement | null>
  onEdit(): void
  /** Moves the focus, because the pressed button may be gone. */
  onDone(): void
}

/** Buttons for what the user can do with the session now, the most useful one first. */
export function EventButtons({ session, canChange, isSaved, edit, onEdit, onDone }: EventButtonsProps) {
  const { allowedEvents, result, shares } = session
  const { isSending, isLate, isWaiting, send, stop } = useChange()
  const { dispatch, failure } = useDispatch(session, send)
  const canShare = canChange && allowedEvents.includes('SHARE_REQUESTED')
  return (
    <div class="events">
      <div class="buttons">
        {canChange && allowedEvents.includes('RETRY_REQUESTED') && (
          <button
            type="button"
            class="primary"
            aria-disabled={isSending}
            onClick={async () => (await dispatch('RETRY_REQUESTED')) && onDone()}
          >
            {words.actions.RETRY_REQUESTED}
          </button>
        )}
        {((result && canShare) || shares.length > 0) && (
          <DialogButton label={words.actions.SHARE_REQUESTED} class={canShare && isSaved ? 'primary' : ''}>
            {close => <LazyShareDialog session={session} canShare={canChange} close={close} />}
          </DialogButton>
        )}
        {result && (
          <button type="button" class="edit" ref={edit} onClick={onEdit}>
            {words.session.edit}
          </button>
        )}
        {canChange && <SessionMenu session={session} onDone={onDone} />}
        {shares.length > 0 && <span class="soft">{words.share.live(shares.length)}</span>}
      </div>
      {isLate && <Waiting text={isWaiting ? words.waits : words.slow} stop={stop} />}
      <ErrorMessage text={failure} />
    </div>
  )
}
