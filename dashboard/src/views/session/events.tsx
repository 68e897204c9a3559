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
  /** Whether all numbers are saved, so that sharing is the next step. */
  isSaved: boolean
  /** Button that shows the form on a phone. On larger screens, the form is always shown, so the ref is empty. */
  edit: RefObject<HTMLButtonElement | null>
  onEdit(): void
  /** Called after an event, so that the focus can be moved from the pressed button, which may no longer exist. */
  onDone(): void
}

/** Buttons for the actions that the session currently allows, with the most useful action first. */
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
