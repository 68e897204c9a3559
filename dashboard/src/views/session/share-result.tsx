import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Session } from '../../types'
import { words } from '../../words'
import { CopyableLink } from './copyable-link'

/** Returns the share link of the current result. */
export const currentShareOf = ({ shares, result }: Session): Session['shares'][number] | undefined =>
  shares.find(({ resultId }) => resultId === result?.id)

interface ShareResultProps {
  session: Session
  isSending: boolean
  onShare(): Promise<boolean>
  /** A button that may go when the session changes. */
  children: ComponentChildren
}

/**
 * The button that shares the current result. Once it is shared, its link is in the same place. The place keeps its
 * width, so that the buttons after it do not move.
 */
export function ShareResult({ session, isSending, onShare, children }: ShareResultProps) {
  const share = currentShareOf(session)
  const place = useRef<HTMLDivElement>(null)
  const isPressed = useRef(false)
  // The pressed button is gone.
  useEffect(() => {
    if (share && isPressed.current) place.current?.querySelector('button')?.focus({ preventScroll: true })
    isPressed.current = false
  }, [share?.path])
  const canShare = session.result !== null && session.allowedEvents.includes('SHARE_REQUESTED')
  if (!share && !canShare && !children) return null
  const press = async (): Promise<void> => {
    if (isSending) return
    isPressed.current = true
    if (!(await onShare())) isPressed.current = false
  }
  return (
    <div class="share-result" ref={place}>
      {share && <CopyableLink path={share.path} label={words.share.link} />}
      {!share && canShare && (
        <button type="button" aria-disabled={isSending} onClick={press}>
          {words.actions.SHARE_REQUESTED}
        </button>
      )}
      {children}
    </div>
  )
}
