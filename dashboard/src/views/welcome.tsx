import { useState } from 'preact/hooks'
import { basePath } from '../base-path'
import { formatsIn } from '../format'
import { caller, mayChange } from '../sign-in/caller'
import { useStore } from '../store'
import { CostAgainstValue } from './cost-against-value'
import { example, exampleBreakEven, exampleRatio, startExample } from './example'
import { RefusalText } from './refusal'
import { openStart } from './start'
import './welcome.css'

const { money, number } = formatsIn(null)

/** What this is and how to begin, where there is nothing to show yet. */
export function Welcome() {
  const [failure, setFailure] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const changes = mayChange(useStore(caller))
  const tryExample = async (): Promise<void> => {
    if (busy) return
    setBusy(true)
    await startExample().catch((error: Error) => setFailure(error.message))
    setBusy(false)
  }
  return (
    <section class="welcome" aria-labelledby="welcome">
      <div>
        <h1 id="welcome">What does mentoring give back for what it costs?</h1>
        <p class="lead">
          Enter four numbers about a mentoring programme. This page sets its cost against what the mentors’ hours would
          have cost to buy, live on every screen that is open.
        </p>
        {changes ? (
          <div class="buttons">
            <button type="button" class="primary" onClick={tryExample} aria-disabled={busy}>
              Try an example
            </button>
            <button type="button" onClick={openStart}>
              Start a session
            </button>
          </div>
        ) : (
          <p>There are no sessions yet: they show here as soon as somebody starts one.</p>
        )}
        <RefusalText text={failure} />
        <ol>
          <li>
            <strong>Start a session</strong> for a mentor and, if you like, an organisation.
          </li>
          <li>
            <strong>Enter the numbers</strong>: sessions, minutes, cost of a session, value of an hour.
          </li>
          <li>
            <strong>Share the result</strong> by a link that shows nobody’s name and can be revoked.
          </li>
        </ol>
        <p class="soft">
          Open this page in a second window and watch both follow. Developers: the same is at{' '}
          <code>POST /api/v1/benefit-calculator-sessions</code> and <code>/graphql</code>; see{' '}
          <a href={`${basePath}/docs`}>/docs</a>.
        </p>
      </div>
      <div class="card">
        <h2>For example</h2>
        <p class="soft">
          {number(example.sessions)} sessions of {number(example.avgMinutes)} minutes cost{' '}
          {money(example.costPerSession)} each. Paid help would cost {money(example.costPerHour)} an hour.
        </p>
        <p class="headline">
          <strong>{money(exampleRatio)}</strong> for every {money(1)} spent
        </p>
        <CostAgainstValue inputs={example} currency={null} breakEven={exampleBreakEven} />
      </div>
    </section>
  )
}
