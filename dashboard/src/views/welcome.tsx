import { useRef, useState } from 'preact/hooks'
import { currencyFormats } from '../format'
import { client } from '../graphql/client'
import { exampleInputs } from '../inputs'
import { navigate, sessionRoute } from '../router'
import { caller, mayChange } from '../sign-in/caller'
import { useStore } from '../store'
import { words } from '../words'
import { BreakEvenChart } from './break-even-chart'
import { ErrorMessage, useError } from './error-message'
import { openStartDialog, startSession } from './start-dialog'
import './welcome.css'

const exampleRatio = 4.29
const exampleBreakEven = 7

/** Starts a session, calculates the example in it, and opens it. */
async function startExample(): Promise<void> {
  const { mentor_id, organisation_id } = caller.value
  const programme = mentor_id === null ? 'example-programme' : ''
  const sessionId = await startSession(mentor_id ?? 'example-mentor', organisation_id ?? programme)
  await client.calculate({ id: sessionId, version: 1 }, exampleInputs)
  navigate(sessionRoute(sessionId))
}

const { money } = currencyFormats(null)
const bold = (text: string) => <strong>{text}</strong>

/** Explains the page and how to begin. Shown while there are no sessions. */
export function Welcome() {
  const [failure, fail] = useError()
  const [busy, setBusy] = useState(false)
  const starting = useRef(false)
  const changes = mayChange(useStore(caller))
  const tryExample = async (): Promise<void> => {
    if (starting.current) return
    starting.current = true
    setBusy(true)
    fail(null)
    await startExample().catch(fail)
    starting.current = false
    setBusy(false)
  }
  return (
    <section class="welcome" aria-labelledby="welcome">
      <div>
        <h1 id="welcome" tabIndex={-1}>
          {words.welcome.heading}
        </h1>
        <p class="lead">{words.welcome.lead}</p>
        {changes ? (
          <div class="buttons">
            <button type="button" class="primary" onClick={tryExample} aria-disabled={busy}>
              {words.welcome.tryExample}
            </button>
            <button type="button" onClick={openStartDialog}>
              {words.start.open}
            </button>
          </div>
        ) : (
          <p>{words.welcome.nothingYet}</p>
        )}
        <ErrorMessage text={failure} />
        <ol>
          <li>{words.welcome.startStep(bold)}</li>
          <li>{words.welcome.numbersStep(bold)}</li>
          <li>{words.welcome.shareStep(bold)}</li>
        </ol>
        <p class="soft">{words.welcome.secondWindow}</p>
      </div>
      <div class="card">
        <h2>{words.welcome.forExample}</h2>
        <p class="soft">
          {words.welcome.example(
            exampleInputs.sessions,
            exampleInputs.avgMinutes,
            money(exampleInputs.costPerSession),
            money(exampleInputs.costPerHour),
          )}
        </p>
        <p class="headline">{words.spent(<strong>{money(exampleRatio)}</strong>, money(1))}</p>
        <BreakEvenChart inputs={exampleInputs} currency={null} breakEven={exampleBreakEven} />
      </div>
    </section>
  )
}
