import type { RefObject } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { dayOf } from '../format'
import { announce } from '../store'
import type { Session } from '../types'
import { words } from '../words'
import { useDispatch } from './dispatching'
import { RefusalText } from './refusal'
import './share.css'

interface ShareCardProps {
  session: Session
  shares: boolean
  heading: RefObject<HTMLHeadingElement | null>
}

/** The live link to the current result. */
export function ShareCard({ session, shares, heading }: ShareCardProps) {
  const { share, result } = session
  const link = useRef<HTMLInputElement>(null)
  const [copied, setCopied] = useState(false)
  const { dispatch, failure } = useDispatch(session)
  const revoke = async (): Promise<void> => {
    if (await dispatch('SHARE_REVOKE_REQUESTED')) heading.current?.focus()
  }
  if (!share) {
    return (
      <section class="card share" aria-label={words.share.heading}>
        <h2 ref={heading} tabIndex={-1}>
          {words.share.heading}
        </h2>
        <p class="soft">
          {result ? `${words.share.notShared} ${shares ? words.share.makes : ''}` : words.share.nothing}
        </p>
      </section>
    )
  }
  const url = new URL(share.path, location.href).href
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(url)
    } catch {
      // The clipboard is for secure contexts only, and may be denied.
      link.current?.select()
      document.execCommand('copy')
    }
    setCopied(true)
    announce(words.share.saidCopied)
    setTimeout(() => setCopied(false), 2_000)
  }
  return (
    <section class="card share" aria-label={words.share.heading}>
      <h2 ref={heading} tabIndex={-1}>
        {words.share.heading}
      </h2>
      <div class="link">
        <input ref={link} readOnly value={url} aria-label={words.share.link} onFocus={() => link.current?.select()} />
        <button type="button" onClick={copy}>
          {copied ? words.share.copied : words.share.copy}
        </button>
      </div>
      <p class="soft">
        {words.share.whoever(dayOf(share.expiresAt))}{' '}
        <a href={share.path} target="_blank" rel="noreferrer">
          {words.share.open}
        </a>
      </p>
      {shares && (
        <div class="buttons">
          <button type="button" class="danger" onClick={revoke}>
            {words.actions.SHARE_REVOKE_REQUESTED}
          </button>
        </div>
      )}
      <RefusalText text={failure} />
    </section>
  )
}
