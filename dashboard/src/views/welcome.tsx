import { useState } from 'preact/hooks'
import { currencyFormats } from '../format'
import { exampleInputs } from '../inputs'
import { caller, mayChange } from '../sign-in/caller'
import { useStore } from '../store'
import { words } from '../words'
import { BreakEvenChart } from './break-even-chart'
import { lazy } from './lazy'
import { openStartDialog } from './start-dialog'
import './welcome.css'

const exampleRatio = 4.29
const exampleBreakEven = 7

const Example = lazy(() => import('./example').then(({ Example }) => Example))

const { money } = currencyFormats(null)
const bold = (text: string) => <strong>{text}</strong>

/** Introduction to the dashboard, shown while there are no sessions. */
export function Welcome() {
  const changes = mayChange(useStore(caller))
  const [triesExample, tryExample] = useState(false)
  return (
    <section class="welcome" aria-labelledby="welcome">
      <div>
        <h1 id="welcome" tabIndex={-1}>
          {words.welcome.heading}
        </h1>
        <p class="lead">{words.welcome.lead}</p>
        {!changes && <p>{words.welcome.nothingYet}</p>}
        <div class="buttons">
          {changes && (
            <button type="button" class="primary" onClick={openStartDialog}>
              {words.start.open}
            </button>
          )}
          {!triesExample && (
            <button type="button" onClick={() => tryExample(true)}>
              {words.welcome.tryExample}
            </button>
          )}
        </div>
        <ol>
          <li>{words.welcome.startStep(bold)}</li>
          <li>{words.welcome.numbersStep(bold)}</li>
          <li>{words.welcome.shareStep(bold)}</li>
        </ol>
        <p class="soft">{words.welcome.secondWindow}</p>
      </div>
      {triesExample ? (
        <Example numbers={exampleInputs} />
      ) : (
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
      )}
    </section>
  )
}
