import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { shareDays } from '../../../../src/domain/limits'
import type { Session } from '../../types'
import { words } from '../../words'
import { CopyableLink } from './copyable-link'
import { Lifetime } from './expiry'

export const currentShareOf = ({ shares, result }: Session): Session['shares'][number] | undefined =>
  shares.find(({ resultId }) => resultId === result?.id)

interface ShareResultProps {
  session: Session
  isSending: boolean
  /** Shares the result for this number of days. */
  onShare(days: number): Promise<boolean>
  /** A button that may disappear when the session changes. */
  children: ComponentChildren
}

/**
 * The button that shares the current result. Once the result is shared, its link takes the button's place. The place
 * keeps its width, so that the following buttons do not move.
 */
export function ShareResult({ session, isSending, onShare, children }: ShareResultProps) {
  const share = currentShareOf(session)
  const place = useRef<HTMLDivElement>(null)
  const isPressed = useRef(false)
  const [days, setDays] = useState<number>(shareDays)
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
    if (!(await onShare(days))) isPressed.current = false
  }
  return (
    <div class="share-result" ref={place}>
      {share && <CopyableLink path={share.path} label={words.share.link} />}
      {!share && canShare && (
        <>
          <button type="button" aria-disabled={isSending} onClick={press}>
            {words.actions.SHARE_REQUESTED}
          </button>
          <Lifetime days={days} onChange={setDays} />
        </>
      )}
      {children}
    </div>
  )
}
