import { useRef, useState } from 'preact/hooks'
import { isApiError } from '../../../../packages/client/src/index.js'
import { formatLongDate, formatMonths } from '../../format'
import { readShared, revoke, type Shared } from '../../live/shared'
import { usePolled } from '../../capabilities/webhooks/endpoints'
import { hrefOf, navigateOnClick } from '../../router'
import { caller, mayChange, mayManageReports } from '../../sign-in/caller'
import { announce, useStore } from '../../store'
import { words } from '../../words'
import { ConfirmButton } from '../confirm-button'
import { ErrorMessage, useError } from '../error-message'
import { MentorAndOrganisation } from '../list/row'
import { CopyableLink } from '../session/copyable-link'
import { BackLink, Heading } from '../heading'
import './shared.css'

const texts = words.shared

const readEveryMs = 30_000
const linksAtFirst = 20
const linksMore = 80

/** Everything in the user's scope that anyone with a link can open: reports, then results, newest first. */
export function SharedView() {
  const user = useStore(caller)
  const [count, setCount] = useState(linksAtFirst)
  const withReports = mayManageReports(user)
  const { value, error, readAgain } = usePolled(String(count), readEveryMs, () => readShared(count, withReports))
  const view = useRef<HTMLDivElement>(null)
  const onRevoked = (): void => {
    readAgain()
    announce(texts.revoke.done)
    view.current?.querySelector('h1')?.focus()
  }
  return (
    <div class="everything-shared" ref={view}>
      <BackLink to="calculations" />
      <Heading>{texts.heading}</Heading>
      <p class="soft">{texts.what}</p>
      <ErrorMessage text={error} />
      {value === undefined && error === null && <p class="unseen">{words.list.reading}</p>}
      {value?.shared.length === 0 && <p class="nothing">{texts.nothing}</p>}
      {value !== undefined && value.shared.length > 0 && (
        <ul>
          {value.shared.map(shared => (
            <li key={shared.id} class="card">
              <SharedItem shared={shared} canRevoke={mayChange(user)} onRevoked={onRevoked} />
            </li>
          ))}
        </ul>
      )}
      {value?.more && (
        <p>
          <button type="button" onClick={() => setCount(count => count + linksMore)}>
            {texts.more}
          </button>
        </p>
      )}
    </div>
  )
}

interface SharedItemProps {
  shared: Shared
  canRevoke: boolean
  onRevoked(): void
}

function SharedItem({ shared, canRevoke, onRevoked }: SharedItemProps) {
  return (
    <>
      <div class="shared-what">
        <h2>
          <Name shared={shared} />
        </h2>{' '}
        <span class="chip">{texts[shared.kind]}</span>
        <Subject shared={shared} />
        <p>
          {texts.viewed(shared.views)} <span class="soft">· {texts.until(formatLongDate(shared.expiresAt))}</span>
        </p>
      </div>
      <div class="shared-link">
        {shared.kind === 'result' ? (
          <>
            <CopyableLink path={shared.path} label={texts.link(nameOf(shared))} />
            <a href={shared.path} target="_blank" rel="noreferrer">
              {words.share.open}
            </a>
          </>
        ) : (
          <p class="soft">{texts.shownOnce}</p>
        )}
        {canRevoke && <RevokeButton shared={shared} onRevoked={onRevoked} />}
      </div>
    </>
  )
}

/** Returns the title of a report. A result has its label or, without one, its mentor and organisation. */
const nameOf = (shared: Shared): string =>
  shared.kind === 'report'
    ? shared.title
    : (shared.label ?? [shared.mentorId, shared.organisationId].filter(Boolean).join(' · '))

function Name({ shared }: { shared: Shared }) {
  const name = <bdi>{nameOf(shared)}</bdi>
  if (shared.kind === 'report') return name
  const to = { session: shared.sessionId }
  return (
    <a href={hrefOf(to)} onClick={navigateOnClick(to)}>
      {name}
    </a>
  )
}

/** What a link is about: the mentor and organisation; of a report, also its months. */
function Subject({ shared }: { shared: Shared }) {
  const { mentorId, organisationId } = shared
  const of =
    mentorId !== null ? (
      <MentorAndOrganisation mentor={mentorId} organisation={organisationId} />
    ) : organisationId !== null ? (
      <bdi>{organisationId}</bdi>
    ) : (
      texts.programme
    )
  // A result without a label has them as its name.
  if (shared.kind === 'result') return shared.label !== null && <p class="soft">{of}</p>
  return (
    <p class="soft">
      {of} · {formatMonths(`${shared.from}-01`, `${shared.to}-01`)}
    </p>
  )
}

/** Whether somebody else has already revoked the link. */
const isGone = (error: unknown): boolean =>
  isApiError(error, 'SHARE_GONE') || isApiError(error, 'SHARE_NOT_FOUND') || isApiError(error, 'SESSION_NOT_FOUND')

function RevokeButton({ shared, onRevoked }: Pick<SharedItemProps, 'shared' | 'onRevoked'>) {
  const [failure, fail] = useError()
  const confirm = async (): Promise<boolean> => {
    fail(null)
    try {
      await revoke(shared)
    } catch (error) {
      if (!isGone(error)) {
        fail(error as Error)
        return false
      }
    }
    setTimeout(onRevoked)
    return true
  }
  return (
    <ConfirmButton
      action={texts.revoke.action}
      keep={texts.revoke.keep}
      heading={texts.revoke.heading}
      failure={failure}
      onConfirm={confirm}
    >
      <p>{texts.revoke[shared.kind](<bdi>{nameOf(shared)}</bdi>)}</p>
    </ConfirmButton>
  )
}
