import { useRef, useState } from 'preact/hooks'
import { dayOf } from '../format'
import { announce } from '../store'
import type { Session } from '../types'
import './share.css'

/** The live link to the current result. */
export function ShareCard({ session, shares }: { session: Session; shares: boolean }) {
  const { share, result } = session
  const link = useRef<HTMLInputElement>(null)
  const [copied, setCopied] = useState(false)
  if (!share) {
    return (
      <section class="card share" aria-label="Share link">
        <h2>Share link</h2>
        <p class="soft">
          {result
            ? `This result is not shared.${shares ? ' “Share result” makes a link to it.' : ''}`
            : 'There is no result to share yet.'}
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
    announce('Link copied.')
    setTimeout(() => setCopied(false), 2_000)
  }
  return (
    <section class="card share" aria-label="Share link">
      <h2>Share link</h2>
      <div class="link">
        <input
          ref={link}
          readOnly
          value={url}
          aria-label="Link to the shared result"
          onFocus={() => link.current?.select()}
        />
        <button type="button" onClick={copy}>
          {copied ? 'Copied' : 'Copy'}
        </button>
      </div>
      <p class="soft">
        Whoever has it sees this result and nobody’s name, until {dayOf(share.expiresAt)}.{' '}
        <a href={share.path} target="_blank" rel="noreferrer">
          Open the page
        </a>
      </p>
    </section>
  )
}
