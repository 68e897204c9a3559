import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useCapabilities } from '../../capability'
import { formatDateTime } from '../../format'
import { useSession } from '../../live/session'
import { loadCalculator } from '../../preview'
import type { Filter } from '../../route'
import { hrefOf, navigateOnClick } from '../../router'
import { nameOf } from '../../session-name'
import { caller, mayChange, mayManage } from '../../sign-in/caller'
import { useStore } from '../../store'
import type { Inputs, Session } from '../../types'
import { words } from '../../words'
import { ReassignButton } from '../change-rows-button'
import { ErrorMessage } from '../error-message'
import { BackLink } from '../heading'
import { PrintLine } from '../print-line'
import { StateChip } from '../state'
import { Calculator, type Preview } from './calculator'
import { EventButtons } from './events'
import { OlderResults } from './older-results'
import { PreviewBar, ResultCard } from './result'
import { ShareLinks } from './share-links'
import { Timeline } from './timeline'
import './session.css'

export function SessionView({ id }: { id: string }) {
  const { session, isLate, isClosed, isGone, transitions, error } = useSession(id)
  const [preview, setPreview] = useState<Preview | null>(null)
  const [reusedInputs, setReusedInputs] = useState<Inputs | null>(null)
  const user = useStore(caller)
  const canChange = mayChange(user)
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => {
    scrollTo({ top: 0, behavior: 'instant' })
    heading.current?.focus({ preventScroll: true })
  }, [id])
  const name = session ? nameOf(session) : words.session.heading
  useEffect(() => {
    document.title = words.page.title(name)
  }, [name])
  useEffect(() => {
    loadCalculator().catch(() => {})
  }, [])

  return (
    <div class="session">
      <BackLink />
      <div class="title">
        <h1 ref={heading} tabIndex={-1}>
          {session ? (
            <>
              <span class="unseen">{words.session.heading} </span>
              <bdi>{name}</bdi>
            </>
          ) : error === null ? (
            name
          ) : (
            words.session.none
          )}
        </h1>
        {session && <StateChip state={session.state} />}
      </div>
      <PrintLine />
      {session && (
        <SessionFacts session={session}>
          {mayManage(user) && !isClosed && <ReassignButton class="quiet" rows={[session]} />}
        </SessionFacts>
      )}
      {isClosed && (
        <MissingSession>
          <p role="alert">{isGone ? words.close.gone : words.close.closed}</p>
        </MissingSession>
      )}
      {!session && !isClosed && error === null && <LoadingSession isLate={isLate} />}
      {error !== null && (
        <MissingSession>
          <ErrorMessage text={error} />
        </MissingSession>
      )}
      {session && (
        <>
          {canChange && !isClosed && (
            <EventButtons session={session} onDone={() => heading.current?.focus({ preventScroll: true })} />
          )}
          {preview && <PreviewBar {...preview} />}
          <div class="columns">
            <div>
              <Calculator
                key={id}
                session={session}
                transitions={transitions}
                canSave={canChange && !isClosed}
                reusedInputs={reusedInputs}
                onPreview={setPreview}
              />
              <ShareLinks session={session} canShare={canChange} />
            </div>
            <div>
              <ResultCard result={session.result} preview={preview} />
              {!isClosed && <OlderResults session={session} onUse={inputs => setReusedInputs({ ...inputs })} />}
            </div>
            <Timeline transitions={transitions} results={session.results} />
          </div>
        </>
      )}
    </div>
  )
}

/** Shown until the session is read: outlines of its cards and, if the server does not respond, what to do. */
const LoadingSession = ({ isLate }: { isLate: boolean }) => (
  <>
    <p class={isLate ? 'card late' : 'unseen'} role="status">
      {isLate ? words.session.late : words.list.reading}
    </p>
    <div class="columns outlines" aria-hidden="true">
      <div class="card" />
      <div class="card" />
      <div class="card" />
    </div>
  </>
)

/** Shown for a session that is closed or missing, with a link to the list. */
const MissingSession = ({ children }: { children: ComponentChildren }) => (
  <div class="card missing-session">
    {children}
    <p>
      <a href={hrefOf({})} onClick={navigateOnClick({})}>
        {words.session.back}
      </a>
    </p>
  </div>
)

function SessionFacts({ session, children }: { session: Session; children: ComponentChildren }) {
  const { mentorId, organisationId, createdAt } = session
  const organisation = organisationId === null ? null : { organisationId }
  return (
    <div class="facts">
      <p class="soft">
        {words.session.facts(
          <LinkToView id={mentorId} filter={{ mentorId, ...organisation }} />,
          organisation && <LinkToView id={organisation.organisationId} filter={organisation} />,
          formatDateTime(createdAt),
        )}
      </p>
      {children}
    </div>
  )
}

/** A mentor or an organisation, with a link to its view if there is one. */
function LinkToView({ id, filter }: { id: string; filter: Filter }) {
  const to = useCapabilities()
    .find(({ viewOf }) => viewOf)
    ?.viewOf?.(filter)
  const name = <bdi>{id}</bdi>
  if (!to) return name
  return (
    <a href={hrefOf(to)} onClick={navigateOnClick(to)}>
      {name}
    </a>
  )
}
