import type { RefObject } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { formatDateTime, formatLongDate } from '../../format'
import { announce } from '../../store'
import type { Session } from '../../types'
import { words } from '../../words'
import { ConfirmButton } from '../confirm-button'
import { useDispatch } from './events'
import './share-links.css'

const texts = words.share

interface ShareCardProps {
  session: Session
  /** Whether the user may share results and revoke links. */
  canShare: boolean
  heading: RefObject<HTMLHeadingElement | null>
}

/** All live share links, and the results that they show. */
export function ShareLinks({ session, canShare, heading }: ShareCardProps) {
  const { shares, result } = session
  const isShared = shares.some(({ resultId }) => resultId === result?.id)
  return (
    <section class="card share" aria-label={texts.heading}>
      <h2 ref={heading} tabIndex={-1}>
        {texts.heading}
      </h2>
      {!isShared && (
        <p class="soft">{result ? `${texts.notShared} ${canShare ? texts.howToShare : ''}` : texts.nothing}</p>
      )}
      {shares.length > 0 && (
        <ul>
          {shares.map(share => (
            <ShareLink key={share.path} share={share} session={session} />
          ))}
        </ul>
      )}
      {canShare && shares.length > 0 && <RevokeButton session={session} onDone={() => heading.current?.focus()} />}
    </section>
  )
}

function ShareLink({
  share: { path, resultId, expiresAt },
  session,
}: {
  share: Session['shares'][number]
  session: Session
}) {
  const link = useRef<HTMLInputElement>(null)
  const [copied, setCopied] = useState<'copied' | 'selected' | null>(null)
  const result = session.results.find(({ id }) => id === resultId)
  const isCurrent = resultId === session.result?.id
  const url = new URL(path, location.href).href
  const subject = result && (result.inputs.label ?? texts.computed(formatDateTime(result.computedAt)))

  const copy = async (): Promise<void> => {
    const isCopied = await navigator.clipboard?.writeText(url).then(
      () => true,
      () => false,
    )
    const outcome = isCopied || copyBySelection(link.current) ? 'copied' : 'selected'
    setCopied(outcome)
    announce(outcome === 'copied' ? texts.announcedCopied : texts.selected)
    setTimeout(() => setCopied(null), 4_000)
  }

  return (
    <li>
      <p>
        {isCurrent ? <strong>{texts.current}</strong> : texts.former} {subject && <bdi class="soft">{subject}</bdi>}
      </p>
      <div class="link">
        <input
          ref={link}
          readOnly
          value={url}
          aria-label={isCurrent ? texts.link : texts.formerLink(subject ?? '')}
          onFocus={() => link.current?.select()}
        />
        <button type="button" onClick={copy}>
          {copied === 'copied' ? texts.copied : texts.copy}
        </button>
      </div>
      {copied === 'selected' && <p class="soft">{texts.selected}</p>}
      <p class="soft">
        {texts.visibleUntil(formatLongDate(expiresAt))}{' '}
        <a href={path} target="_blank" rel="noreferrer">
          {texts.open}
        </a>
      </p>
    </li>
  )
}

/** Fallback without the clipboard API: it needs a secure context, and may be denied. */
function copyBySelection(link: HTMLInputElement | null): boolean {
  link?.focus()
  link?.select()
  return document.execCommand('copy')
}

function RevokeButton({ session, onDone }: { session: Session; onDone(): void }) {
  const { dispatch, failure } = useDispatch(session)
  const count = session.shares.length
  const revoke = async (version: number): Promise<boolean> => {
    const isDone = await dispatch('SHARE_REVOKE_REQUESTED', version)
    if (isDone) setTimeout(onDone)
    return isDone
  }
  return (
    <div class="buttons">
      <ConfirmButton
        action={texts.revoke(count)}
        keep={texts.keep(count)}
        heading={texts.confirmHeading(count)}
        failure={failure}
        version={session.version}
        onConfirm={revoke}
      >
        <p>{texts.revokes(count)}</p>
      </ConfirmButton>
    </div>
  )
}
