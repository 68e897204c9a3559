import { useRef } from 'preact/hooks'
import { formatDateTime, formatLongDate } from '../../format'
import { client } from '../../graphql/client'
import { noteOwnTransition } from '../../live/session'
import { announce } from '../../store'
import type { Session } from '../../types'
import { words } from '../../words'
import { ConfirmButton } from '../confirm-button'
import { useError } from '../error-message'
import { CopyableLink } from './copyable-link'
import { useDispatch } from './events'
import { ExpiryButton } from './expiry'
import { currentShareOf } from './share-result'
import './share-links.css'

const texts = words.share

interface ShareCardProps {
  session: Session
  canShare: boolean
}

/** All live share links, with the results that they show. */
export function ShareLinks({ session, canShare }: ShareCardProps) {
  const { shares, result } = session
  const isShared = currentShareOf(session) !== undefined
  const heading = useRef<HTMLHeadingElement>(null)
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
            <ShareLink
              key={share.token}
              share={share}
              session={session}
              canShare={canShare}
              onRevoked={() => heading.current?.focus()}
            />
          ))}
        </ul>
      )}
      {canShare && shares.length > 1 && <RevokeAllButton session={session} onDone={() => heading.current?.focus()} />}
    </section>
  )
}

interface ShareLinkProps extends ShareCardProps {
  share: Session['shares'][number]
  onRevoked(): void
}

function ShareLink({ share, session, canShare, onRevoked }: ShareLinkProps) {
  const { path, resultId, expiresAt } = share
  const result = session.results.find(({ id }) => id === resultId)
  const isCurrent = resultId === session.result?.id
  const subject = result && (result.inputs.label ?? texts.computed(formatDateTime(result.computedAt)))
  return (
    <li>
      <p>
        {isCurrent ? <strong>{texts.current}</strong> : texts.former} {subject && <bdi class="soft">{subject}</bdi>}
      </p>
      {/* The link of the current result takes the place of its share button, so it is not repeated here. */}
      {!(isCurrent && canShare) && (
        <CopyableLink path={path} label={isCurrent ? texts.link : texts.formerLink(subject ?? '')} />
      )}
      <p class="soft">
        {texts.visibleUntil(formatLongDate(expiresAt))}{' '}
        <a href={path} target="_blank" rel="noreferrer">
          {texts.open}
        </a>
      </p>
      {canShare && (
        <div class="buttons">
          {isCurrent && session.allowedEvents.includes('SHARE_REQUESTED') && <ExpiryButton session={session} />}
          <RevokeButton session={session} token={share.token} subject={subject ?? ''} onDone={onRevoked} />
        </div>
      )}
    </li>
  )
}

function RevokeButton({
  session: { id, version },
  token,
  subject,
  onDone,
}: {
  session: Session
  token: string
  subject: string
  onDone(): void
}) {
  const [failure, fail] = useError()
  const revoke = async (version: number): Promise<boolean> => {
    fail(null)
    try {
      const { session } = await client.revokeShare({ id, version }, token)
      noteOwnTransition(id, session.version)
    } catch (error) {
      fail(error as Error)
      return false
    }
    announce(words.shared.revoke.done)
    setTimeout(onDone)
    return true
  }
  return (
    <ConfirmButton
      action={words.shared.revoke.action}
      keep={words.shared.revoke.keep}
      heading={words.shared.revoke.heading}
      failure={failure}
      version={version}
      onConfirm={revoke}
    >
      <p>{words.shared.revoke.result(<bdi>{subject}</bdi>)}</p>
    </ConfirmButton>
  )
}

function RevokeAllButton({ session, onDone }: { session: Session; onDone(): void }) {
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
