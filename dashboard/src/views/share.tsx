import type { RefObject } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { dateTimeOf, dayOf } from '../format'
import { announce } from '../store'
import type { Session } from '../types'
import { words } from '../words'
import { useDispatch } from './dispatching'
import { Sure } from './sure'
import './share.css'

const said = words.share

interface ShareCardProps {
  session: Session
  /** Whether the user may share results and revoke links. */
  shares: boolean
  heading: RefObject<HTMLHeadingElement | null>
}

/** All live share links, and the results that they show. */
export function ShareCard({ session, shares: changes, heading }: ShareCardProps) {
  const { shares, result } = session
  const isShared = shares.some(({ resultId }) => resultId === result?.id)
  return (
    <section class="card share" aria-label={said.heading}>
      <h2 ref={heading} tabIndex={-1}>
        {said.heading}
      </h2>
      {!isShared && <p class="soft">{result ? `${said.notShared} ${changes ? said.makes : ''}` : said.nothing}</p>}
      {shares.length > 0 && (
        <ul>
          {shares.map(share => (
            <Link key={share.path} share={share} session={session} />
          ))}
        </ul>
      )}
      {changes && shares.length > 0 && <Revoke session={session} done={() => heading.current?.focus()} />}
    </section>
  )
}

function Link({
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
  const of = result && (result.inputs.label ?? said.computed(dateTimeOf(result.computedAt)))

  const copy = async (): Promise<void> => {
    const isCopied = await navigator.clipboard?.writeText(url).then(
      () => true,
      () => false,
    )
    const is = isCopied || copiedBySelection(link.current) ? 'copied' : 'selected'
    setCopied(is)
    announce(is === 'copied' ? said.saidCopied : said.selected)
    setTimeout(() => setCopied(null), 4_000)
  }

  return (
    <li>
      <p>
        {isCurrent ? <strong>{said.current}</strong> : said.former} {of && <bdi class="soft">{of}</bdi>}
      </p>
      <div class="link">
        <input
          ref={link}
          readOnly
          value={url}
          aria-label={isCurrent ? said.link : said.formerLink(of ?? '')}
          onFocus={() => link.current?.select()}
        />
        <button type="button" onClick={copy}>
          {copied === 'copied' ? said.copied : said.copy}
        </button>
      </div>
      {copied === 'selected' && <p class="soft">{said.selected}</p>}
      <p class="soft">
        {said.whoever(dayOf(expiresAt))}{' '}
        <a href={path} target="_blank" rel="noreferrer">
          {said.open}
        </a>
      </p>
    </li>
  )
}

/** Fallback without the clipboard API: it needs a secure context, and may be denied. */
function copiedBySelection(link: HTMLInputElement | null): boolean {
  link?.focus()
  link?.select()
  return document.execCommand('copy')
}

function Revoke({ session, done }: { session: Session; done(): void }) {
  const { dispatch, failure } = useDispatch(session)
  const count = session.shares.length
  const act = async (version: number): Promise<boolean> => {
    const isDone = await dispatch('SHARE_REVOKE_REQUESTED', version)
    if (isDone) setTimeout(done)
    return isDone
  }
  return (
    <div class="buttons">
      <Sure
        action={said.revoke(count)}
        keep={said.keep(count)}
        heading={said.sure(count)}
        failure={failure}
        version={session.version}
        act={act}
      >
        <p>{said.revokes(count)}</p>
      </Sure>
    </div>
  )
}
