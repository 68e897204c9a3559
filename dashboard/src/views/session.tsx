import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { dateTimeOf } from '../format'
import { useSession } from '../live/session'
import { addressOf, followLink, route } from '../route'
import { caller, mayChange } from '../sign-in/caller'
import { useStore } from '../store'
import type { Session } from '../types'
import { words } from '../words'
import { Calculator, type Preview } from './calculator'
import { Events } from './events'
import { RefusalText } from './refusal'
import { ResultCard } from './result'
import { ShareCard } from './share'
import { State } from './state'
import { Timeline } from './timeline'
import './session.css'

export function SessionView({ id }: { id: string }) {
  const { session, transitions, refusal } = useSession(id)
  const [preview, setPreview] = useState<Preview | null>(null)
  const changes = mayChange(useStore(caller))
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => {
    scrollTo({ top: 0, behavior: 'instant' })
    heading.current?.focus({ preventScroll: true })
  }, [id])

  return (
    <div class="session">
      <p class="back">
        <a href={addressOf({ ...route.value, session: null })} onClick={followLink({ session: null })}>
          <span aria-hidden="true">← </span>
          {words.session.back}
        </a>
      </p>
      <div class="title">
        <h1 ref={heading} tabIndex={-1}>
          <span class="unseen">{words.session.heading} </span>
          {id}
        </h1>
        {session && <State state={session.state} />}
      </div>
      <RefusalText text={refusal} />
      {session && (
        <>
          <Facts session={session} />
          {(changes || session.state === 'CLOSED') && <Events session={session} />}
          <div class="columns">
            <div>
              <Calculator key={id} session={session} saves={changes} preview={setPreview} />
              <ShareCard session={session} shares={changes} />
            </div>
            <ResultCard result={session.result} preview={preview} />
            <Timeline transitions={transitions} results={session.results} />
          </div>
        </>
      )}
    </div>
  )
}

function Facts({ session }: { session: Session }) {
  const { mentorId, organisationId, createdAt, version } = session
  return (
    <p class="facts soft">
      {words.session.facts(named(mentorId), organisationId === null ? null : named(organisationId), {
        started: dateTimeOf(createdAt),
        version,
      })}
    </p>
  )
}

const named = (id: string) => (
  <strong>
    <bdi>{id}</bdi>
  </strong>
)
