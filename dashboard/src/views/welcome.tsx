import { useRef, useState } from 'preact/hooks'
import { basePath } from '../base-path'
import { formatsIn } from '../format'
import { caller, mayChange } from '../sign-in/caller'
import { useStore } from '../store'
import { words } from '../words'
import { CostAgainstValue } from './cost-against-value'
import { example, exampleBreakEven, exampleRatio, startExample } from './example'
import { RefusalText, useFailure } from './refusal'
import { openStart } from './start'
import './welcome.css'

const { money } = formatsIn(null)
const bold = (text: string) => <strong>{text}</strong>

/** Explains the page and how to begin. Shown while there are no sessions. */
export function Welcome() {
  const [failure, fail] = useFailure()
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
            <button type="button" onClick={openStart}>
              {words.start.open}
            </button>
          </div>
        ) : (
          <p>{words.welcome.nothingYet}</p>
        )}
        <RefusalText text={failure} />
        <ol>
          <li>{words.welcome.startStep(bold)}</li>
          <li>{words.welcome.numbersStep(bold)}</li>
          <li>{words.welcome.shareStep(bold)}</li>
        </ol>
        <p class="soft">
          {words.welcome.secondWindow}{' '}
          {words.welcome.developers(
            <code>POST /api/v1/benefit-calculator-sessions</code>,
            <code>/graphql</code>,
            <a href={`${basePath}/docs`}>/docs</a>,
          )}
        </p>
      </div>
      <div class="card">
        <h2>{words.welcome.forExample}</h2>
        <p class="soft">
          {words.welcome.example(
            example.sessions,
            example.avgMinutes,
            money(example.costPerSession),
            money(example.costPerHour),
          )}
        </p>
        <p class="headline">{words.spent(<strong>{money(exampleRatio)}</strong>, money(1))}</p>
        <CostAgainstValue inputs={example} currency={null} breakEven={exampleBreakEven} />
      </div>
    </section>
  )
}
