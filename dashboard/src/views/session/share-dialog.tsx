import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ShareOptions } from '../../../../packages/client/src/index.js'
import { shareDays } from '../../../../src/domain/limits'
import { formatDateTime, formatLongDate } from '../../format'
import { client } from '../../graphql/client'
import { noteOwnTransition } from '../../live/session'
import { announce } from '../../store'
import type { Session } from '../../types'
import { words } from '../../words'
import { useAction } from '../action'
import { ConfirmButton } from '../confirm-button'
import { ErrorMessage, useError } from '../error-message'
import { useChange } from './change'
import { CopyableLink } from './copyable-link'
import { useDispatch } from './dispatch'
import { Waiting } from './waiting'
import './share-dialog.css'

const texts = words.share
const { expiry } = words.shared

/** Lifetimes that the user can choose for a share link, in days. */
const lifetimes = [7, shareDays, 90, 365]

type Share = Session['shares'][number]

interface ShareDialogProps {
  session: Session
  canShare: boolean
  close(): void
}

/** Content of the share dialog: the link to the current result, followed by the links to older results. */
export function ShareDialog({ session, canShare, close }: ShareDialogProps) {
  const { shares, result } = session
  const current = shares.find(({ resultId }) => resultId === result?.resultId)
  const older = shares.filter(share => share !== current)
  const content = useRef<HTMLDivElement>(null)
  const focus = (): void => content.current?.querySelector<HTMLElement>('button')?.focus({ preventScroll: true })
  // Move the focus into the dialog. The dialog may have opened before its content was loaded, or a pressed button may
  // have disappeared.
  useEffect(focus, [current?.token])
  return (
    <div class="share" ref={content}>
      {result && (canShare || current) && (
        <CurrentResult session={session} share={current} canShare={canShare} onRevoked={focus} />
      )}
      {older.length > 0 && (
        <section>
          <h3>{texts.older}</h3>
          <ul>
            {older.map(share => (
              <OlderResult key={share.token} session={session} share={share} canShare={canShare} onRevoked={focus} />
            ))}
          </ul>
        </section>
      )}
      <div class="buttons">
        {canShare && shares.length > 1 && <RevokeAllButton session={session} onDone={focus} />}
        <button type="button" onClick={close}>
          {texts.close}
        </button>
      </div>
    </div>
  )
}

interface LinkProps {
  session: Session
  canShare: boolean
  onRevoked(): void
}

/** Shows the share link to the current result. If there is no link yet, shows the form that creates one. */
function CurrentResult({ session, share, canShare, onRevoked }: LinkProps & { share: Share | undefined }) {
  const { id, version, organisationId } = session
  const [days, setDays] = useState<number>(shareDays)
  const [showOrganisation, setShowOrganisation] = useState(false)
  const [unchangedUntil, setUnchangedUntil] = useState<string | null>(null)
  const [failure, fail] = useError()
  const { isSending, isLate, isWaiting, send, stop } = useChange()
  const mayShare = canShare && session.allowedEvents.includes('SHARE_REQUESTED')

  /** Sends a share request. If the request changes the link, announces the text that `done` returns. */
  const request = async (options: ShareOptions, done: (share: Share) => string): Promise<void> => {
    fail(null)
    setUnchangedUntil(null)
    try {
      const response = await send(sending => client.share({ id, version }, { ...sending, ...options }))
      if (!response) return
      noteOwnTransition(id, response.session.version)
      const { share } = response as Awaited<ReturnType<typeof client.share>>
      if (response.transitions.length > 0) announce(done(share))
      else setUnchangedUntil(formatLongDate(share.expiresAt))
    } catch (error) {
      fail(error as Error)
    }
  }
  const submit = (event: Event): void => {
    event.preventDefault()
    if (share) void request({ expiresInDays: days }, ({ expiresAt }) => expiry.done(formatLongDate(expiresAt)))
    else void request({ expiresInDays: days, showOrganisation }, () => words.done.SHARE_REQUESTED)
  }
  const change = (shows: boolean): void => {
    setShowOrganisation(shows)
    if (share) void request({ showOrganisation: shows }, () => (shows ? texts.shown : texts.hidden))
  }

  return (
    <>
      {share ? <ShownLink share={share} label={texts.link} /> : <p class="soft">{texts.lead}</p>}
      {mayShare && (
        <form onSubmit={submit}>
          {organisationId !== null && (
            <label class="switch">
              <input
                type="checkbox"
                checked={share ? share.showOrganisation : showOrganisation}
                aria-disabled={isSending}
                onChange={({ currentTarget }) => change(currentTarget.checked)}
              />
              <span>{texts.showOrganisation<ComponentChildren>(<bdi>{organisationId}</bdi>)}</span>
            </label>
          )}
          <label class="lifetime">
            {share ? expiry.fromToday : expiry.label}
            <select value={days} onChange={({ currentTarget }) => setDays(Number(currentTarget.value))}>
              {lifetimes.map(days => (
                <option key={days} value={days}>
                  {expiry.days(days)}
                </option>
              ))}
            </select>
          </label>
          {unchangedUntil !== null && <p role="alert">{expiry.same(unchangedUntil)}</p>}
          <ErrorMessage text={failure} />
          {isLate && <Waiting text={isWaiting ? words.waits : words.slow} stop={stop} />}
          <div class="buttons">
            <button type="submit" class={share ? '' : 'primary'} aria-disabled={isSending}>
              {share ? expiry.change : texts.create}
            </button>
            {share && <RevokeButton session={session} share={share} onRevoked={onRevoked} />}
          </div>
        </form>
      )}
    </>
  )
}

/** A share link with its copy button, expiry and view count. */
const ShownLink = ({ share: { path, expiresAt }, label }: { share: Share; label: string }) => (
  <>
    <CopyableLink path={path} label={label} />
    <p class="soft">
      {texts.visibleUntil(formatLongDate(expiresAt))}{' '}
      <a href={path} target="_blank" rel="noreferrer">
        {texts.open}
      </a>
    </p>
  </>
)

const subjectOf = ({ results }: Session, share: Share): string => {
  const result = results.find(({ resultId }) => resultId === share.resultId)
  return result ? (result.inputs.label ?? texts.computed(formatDateTime(result.computedAt))) : ''
}

function OlderResult({ session, share, canShare, onRevoked }: LinkProps & { share: Share }) {
  const subject = subjectOf(session, share)
  return (
    <li>
      <p>
        <bdi>{subject}</bdi>
      </p>
      <ShownLink share={share} label={texts.formerLink(subject)} />
      {canShare && (
        <div class="buttons">
          <RevokeButton session={session} share={share} onRevoked={onRevoked} />
        </div>
      )}
    </li>
  )
}

function RevokeButton({ session, share, onRevoked }: Pick<LinkProps, 'session' | 'onRevoked'> & { share: Share }) {
  const { failure, run } = useAction()
  const revoke = (version: number): Promise<boolean> =>
    run(async () => {
      const { session: revoked } = await client.revokeShare({ id: session.id, version }, share.token)
      noteOwnTransition(session.id, revoked.version)
      announce(words.shared.revoke.done)
      setTimeout(onRevoked)
    })
  return (
    <ConfirmButton
      action={words.shared.revoke.action}
      keep={words.shared.revoke.keep}
      heading={words.shared.revoke.heading}
      failure={failure}
      version={session.version}
      onConfirm={revoke}
    >
      <p>{words.shared.revoke.result(<bdi>{subjectOf(session, share)}</bdi>)}</p>
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
  )
}
