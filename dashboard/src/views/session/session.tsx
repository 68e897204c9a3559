import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useCapabilities } from '../../capability'
import { formatDateTime } from '../../format'
import { useSession } from '../../live/session'
import { loadCalculator } from '../../preview'
import type { Filter } from '../../route'
import { hrefOf, navigateOnClick } from '../../router'
import { nameOf } from '../../session-name'
import { caller, mayChange } from '../../sign-in/caller'
import { hasUnsavedInput, useStore } from '../../store'
import type { Inputs, Session } from '../../types'
import { words } from '../../words'
import { ErrorMessage } from '../error-message'
import { BackLink } from '../heading'
import { PrintLine } from '../print-line'
import { StateChip } from '../state'
import { Calculator, type Preview } from './calculator'
import { EventButtons } from './events'
import { History } from './history'
import { PreviewBar, ResultCard } from './result'
import './session.css'

export function SessionView({ id }: { id: string }) {
  const { session, isLate, isClosed, isGone, transitions, error } = useSession(id)
  const [preview, setPreview] = useState<Preview | null>(null)
  const [reusedInputs, setReusedInputs] = useState<Inputs | null>(null)
  const user = useStore(caller)
  const canChange = mayChange(user)
  const heading = useRef<HTMLHeadingElement>(null)
  const form = useRef<HTMLDivElement>(null)
  const editButton = useRef<HTMLButtonElement>(null)
  /**
   * Whether the user chose to edit the numbers. On a phone, a session with a result shows its form only if `isEditing`
   * is true.
   */
  const [isEditing, edit] = useState(false)
  const hasUnsaved = useStore(hasUnsavedInput)
  const isFormShown = isEditing || hasUnsaved || session?.result === null
  const wasFormShown = useRef(isFormShown)
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

  // On a phone, the form is hidden after saving, so focus the heading above the result instead.
  useEffect(() => {
    if (wasFormShown.current && !isFormShown && editButton.current?.checkVisibility()) heading.current?.focus()
    wasFormShown.current = isFormShown
  }, [isFormShown])
  const startEditing = (): void => {
    edit(true)
    setTimeout(() => form.current?.querySelector<HTMLElement>('input')?.focus())
  }

  return (
    <div class="session">
      <BackLink />
      <div class="session-head">
        <div>
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
          {session && <SessionFacts session={session} />}
        </div>
        {session && !isClosed && (
          <EventButtons
            session={session}
            canChange={canChange}
            isSaved={!hasUnsaved}
            edit={editButton}
            onEdit={startEditing}
            onDone={() => heading.current?.focus({ preventScroll: true })}
          />
        )}
      </div>
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
          {preview && <PreviewBar {...preview} />}
          <div class="columns" data-result={session.result !== null} data-form={isFormShown}>
            <div class="form" ref={form}>
              <Calculator
                key={id}
                session={session}
                transitions={transitions}
                canSave={canChange && !isClosed}
                reusedInputs={reusedInputs}
                onPreview={setPreview}
                onSaved={() => edit(false)}
              />
            </div>
            <ResultCard result={session.result} preview={preview} name={name} />
            <History
              session={session}
              transitions={transitions}
              onUse={
                isClosed
                  ? undefined
                  : inputs => {
                      edit(true)
                      setReusedInputs({ ...inputs })
                    }
              }
            />
          </div>
        </>
      )}
    </div>
  )
}

/**
 * Shown until the session has been read: placeholders for the session's cards and, if the server does not respond,
 * advice.
 */
const LoadingSession = ({ isLate }: { isLate: boolean }) => (
  <>
    <p class={isLate ? 'card late' : 'unseen'} role="status">
      {isLate ? words.session.late : words.list.reading}
    </p>
    <div class="columns outlines" aria-hidden="true">
      <div class="card" />
      <div class="card" />
    </div>
  </>
)

/** Shown instead of a session that is closed or does not exist, with a link to the list. */
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

function SessionFacts({ session }: { session: Session }) {
  const { mentorId, organisationId, createdAt } = session
  const organisation = organisationId === null ? null : { organisationId }
  return (
    <p class="facts soft">
      {words.session.facts(
        <LinkToView id={mentorId} filter={{ mentorId, ...organisation }} />,
        organisation && <LinkToView id={organisation.organisationId} filter={organisation} />,
        formatDateTime(createdAt),
      )}
    </p>
  )
}

/**
 * The name of a mentor or an organisation. If a capability provides a view of this mentor's or organisation's sessions,
 * the name is a link to that view.
 */
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
