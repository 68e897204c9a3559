import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Filter } from '../address'
import { dateTimeOf } from '../format'
import { useSession } from '../live/session'
import { addressOf, followLink } from '../route'
import { caller, mayChange } from '../sign-in/caller'
import { useStore } from '../store'
import type { Inputs, Session } from '../types'
import { calculator } from '../what-if'
import { words } from '../words'
import { Calculator, type Preview } from './calculator'
import { Events } from './events'
import { OlderResults } from './older'
import { RefusalText } from './refusal'
import { ResultCard } from './result'
import { ShareCard } from './share'
import { State } from './state'
import { Timeline } from './timeline'
import './session.css'

export function SessionView({ id }: { id: string }) {
  const { session, transitions, refusal } = useSession(id)
  const [preview, setPreview] = useState<Preview | null>(null)
  const [taken, take] = useState<Inputs | null>(null)
  const changes = mayChange(useStore(caller))
  const heading = useRef<HTMLHeadingElement>(null)
  const share = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => {
    scrollTo({ top: 0, behavior: 'instant' })
    heading.current?.focus({ preventScroll: true })
  }, [id])
  const name = session ? nameOf(session) : words.session.heading
  useEffect(() => {
    document.title = words.page.title(name)
  }, [name])
  useEffect(() => {
    calculator().catch(() => {})
  }, [])
  const closed = session?.state === 'CLOSED'

  return (
    <div class="session">
      <p class="back">
        <WayHome arrow />
      </p>
      <div class="title">
        <h1 ref={heading} tabIndex={-1}>
          {session ? (
            <>
              <span class="unseen">{words.session.heading} </span>
              <bdi>{name}</bdi>
            </>
          ) : refusal === null ? (
            name
          ) : (
            words.session.none
          )}
        </h1>
        {session && <State state={session.state} />}
      </div>
      {session && <Facts session={session} />}
      {closed && (
        <Gone>
          <p role="alert">{words.close.closed}</p>
        </Gone>
      )}
      {refusal !== null && (
        <Gone>
          <RefusalText text={refusal} />
        </Gone>
      )}
      {session && (
        <>
          {changes && !closed && (
            <Events
              session={session}
              done={at => (at === 'heading' ? heading : share).current?.focus({ preventScroll: true })}
            />
          )}
          <div class="columns">
            <div>
              <Calculator
                key={id}
                session={session}
                transitions={transitions}
                saves={changes && !closed}
                taken={taken}
                preview={setPreview}
              />
              <ShareCard session={session} shares={changes} heading={share} />
            </div>
            <div>
              <ResultCard result={session.result} preview={preview} />
              {!closed && <OlderResults session={session} take={inputs => take({ ...inputs })} />}
            </div>
            <Timeline transitions={transitions} results={session.results} />
          </div>
        </>
      )}
    </div>
  )
}

function WayHome({ arrow = false }: { arrow?: boolean }) {
  return (
    <a href={addressOf({ session: null })} onClick={followLink({ session: null })}>
      {arrow && <span aria-hidden="true">← </span>}
      {words.session.back}
    </a>
  )
}

/** Shown for a session that is closed or missing, with a link to the list. */
const Gone = ({ children }: { children: ComponentChildren }) => (
  <div class="card gone">
    {children}
    <p>
      <WayHome />
    </p>
  </div>
)

/** Returns the name of a session: its label, otherwise its mentor and organisation. */
const nameOf = ({ result, mentorId, organisationId }: Session): string =>
  result?.inputs.label ?? [mentorId, organisationId].filter(Boolean).join(' · ')

function Facts({ session }: { session: Session }) {
  const { mentorId, organisationId, createdAt } = session
  const organisation = organisationId === null ? null : { organisationId }
  return (
    <p class="facts soft">
      {words.session.facts(
        named(mentorId, { mentorId, ...organisation }),
        organisation && named(organisation.organisationId, organisation),
        dateTimeOf(createdAt),
      )}
    </p>
  )
}

/** Returns a link to the report of this mentor or organisation. */
function named(id: string, filter: Filter) {
  const to = { session: null, view: 'report', filter } as const
  return (
    <a href={addressOf(to)} onClick={followLink(to)}>
      <bdi>{id}</bdi>
    </a>
  )
}
