import { useRef, useState } from 'preact/hooks'
import { isApiError } from '../../../../packages/client/src/index.js'
import { type SharedItem, useCapabilities } from '../../capability'
import { formatLongDate } from '../../format'
import { type ListedLink, readLinks, revokeLink } from '../../live/shared'
import { useLastKnown, useLive } from '../../live/use-live'
import { hrefOf, navigateOnClick, sessionRoute } from '../../router'
import { caller, mayChange } from '../../sign-in/caller'
import { announce, useStore } from '../../store'
import { words } from '../../words'
import { useAction } from '../action'
import { ConfirmButton } from '../confirm-button'
import { ErrorMessage } from '../error-message'
import { Heading } from '../heading'
import { MentorAndOrganisation } from '../list/row'
import { CopyableLink } from '../session/copyable-link'
import './shared.css'

const texts = words.shared

const readEveryMs = 30_000
const linksAtFirst = 20
const linksMore = 80

/**
 * Lists the shared items in the user's scope. Items from capabilities come first, followed by shared results, newest
 * first.
 */
export function SharedView() {
  const user = useStore(caller)
  const [count, setCount] = useState(linksAtFirst)
  const sources = useCapabilities().flatMap(({ shared }) => (shared?.isFor(user) ? [shared] : []))
  const read = async (): Promise<{ items: SharedItem[]; more: boolean }> => {
    const [{ links, more }, ...others] = await Promise.all([readLinks(count), ...sources.map(source => source.read())])
    return { items: [...others.flat(), ...links.map(itemOf)], more }
  }
  const { value, error, readAgain } = useLive(String(count), read, { everyMs: readEveryMs })
  const shown = useLastKnown(value)
  const view = useRef<HTMLDivElement>(null)
  const onRevoked = (): void => {
    readAgain()
    announce(texts.revoke.done)
    view.current?.querySelector('h1')?.focus()
  }
  return (
    <div class="everything-shared" ref={view}>
      <Heading>{texts.heading}</Heading>
      <p class="soft">{texts.what}</p>
      <ErrorMessage text={error} />
      {shown === null && error === null && <p class="unseen">{words.list.reading}</p>}
      {shown?.items.length === 0 && <p class="nothing">{texts.nothing}</p>}
      {shown !== null && shown.items.length > 0 && (
        <ul>
          {shown.items.map(item => (
            <li key={item.id} class="card">
              <Item item={item} canRevoke={mayChange(user)} onRevoked={onRevoked} />
            </li>
          ))}
        </ul>
      )}
      {shown?.more && (
        <p>
          <button type="button" onClick={() => setCount(count => count + linksMore)}>
            {texts.more}
          </button>
        </p>
      )}
    </div>
  )
}

/**
 * Converts a share link to a list item. The item is named after the result's label or, if there is none, after its
 * mentor and organisation.
 */
function itemOf(link: ListedLink): SharedItem {
  const { label, views, session, share } = link
  const { id, mentorId, organisationId } = session
  const { token, path, expiresAt } = share
  return {
    id: token,
    kind: texts.result,
    name: label ?? [mentorId, organisationId].filter(Boolean).join(' · '),
    view: sessionRoute(id),
    subject: label !== null && <MentorAndOrganisation mentor={mentorId} organisation={organisationId} />,
    expiresAt,
    views,
    link: { path },
    revoking: texts.revoke.result,
    revoke: () => revokeLink(link),
  }
}

interface ItemProps {
  item: SharedItem
  canRevoke: boolean
  onRevoked(): void
}

function Item({ item, canRevoke, onRevoked }: ItemProps) {
  const { kind, name, subject, views, expiresAt, link } = item
  return (
    <>
      <div class="shared-what">
        <h2>
          <Name item={item} />
        </h2>{' '}
        <span class="chip">{kind}</span>
        {subject && <p class="soft">{subject}</p>}
        <p>
          {texts.viewed(views)} <span class="soft">· {texts.until(formatLongDate(expiresAt))}</span>
        </p>
      </div>
      <div class="shared-link">
        {'path' in link ? (
          <>
            <CopyableLink path={link.path} label={texts.link(name)} />
            <a href={link.path} target="_blank" rel="noreferrer">
              {words.share.open}
            </a>
          </>
        ) : (
          <p class="soft">{link.hidden}</p>
        )}
        {canRevoke && <RevokeButton item={item} onRevoked={onRevoked} />}
      </div>
    </>
  )
}

function Name({ item: { name, view } }: { item: SharedItem }) {
  if (!view) return <bdi>{name}</bdi>
  return (
    <a href={hrefOf(view)} onClick={navigateOnClick(view)}>
      <bdi>{name}</bdi>
    </a>
  )
}

/** Whether the error means that someone has already revoked the link. */
const isGone = (error: unknown): boolean =>
  isApiError(error, 'SHARE_GONE') || isApiError(error, 'SHARE_NOT_FOUND') || isApiError(error, 'SESSION_NOT_FOUND')

function RevokeButton({ item, onRevoked }: Pick<ItemProps, 'item' | 'onRevoked'>) {
  const { failure, run } = useAction()
  const confirm = (): Promise<boolean> =>
    run(async () => {
      await item.revoke().catch(error => {
        if (!isGone(error)) throw error
      })
      setTimeout(onRevoked)
    })
  return (
    <ConfirmButton
      action={texts.revoke.action}
      keep={texts.revoke.keep}
      heading={texts.revoke.heading}
      failure={failure}
      onConfirm={confirm}
    >
      <p>{item.revoking(<bdi>{item.name}</bdi>)}</p>
    </ConfirmButton>
  )
}
