import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { dispatchMutation, startMutation } from '../documents'
import { money, number } from '../format'
import { change, type Fault, Refusal } from '../graphql'
import { go, route } from '../route'
import { announce, Store, useStore } from '../store'
import { CostAgainstValue } from './cost-against-value'

const opened = new Store(false)
export const openStart = (): void => opened.set(true)

async function start(mentorId: string, organisationId: string): Promise<string> {
  const input = { mentorId, ...(organisationId && { organisationId }) }
  const { startSession } = await change<{ startSession: { session: { id: string } } }>(startMutation, input)
  return startSession.session.id
}

export const example = { sessions: 25, avgMinutes: 30, costPerSession: 3.5, costPerHour: 30 }
const exampleRatio = 4.29
const exampleBreakEven = 7

/** Starts a session with an example's numbers in it, and opens it. */
export async function startExample(): Promise<void> {
  const sessionId = await start('example-mentor', 'example-programme')
  await change(dispatchMutation, { sessionId, event: 'CALCULATE_REQUESTED', payload: example })
  go({ session: sessionId })
}

/** Asks for whom a session is started, in a dialog over whatever is shown. */
export function StartDialog() {
  const open = useStore(opened)
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    if (open) dialog.current?.showModal()
    else dialog.current?.close()
  }, [open])
  return (
    <dialog ref={dialog} aria-labelledby={heading} onClose={() => opened.set(false)}>
      <h2 id={heading}>Start a session</h2>
      <p class="soft">A session holds one programme’s numbers and the results computed from them.</p>
      {open && <StartForm />}
    </dialog>
  )
}

function StartForm() {
  const { filter } = route.value
  const [mentorId, setMentor] = useState(filter.mentorId ?? '')
  const [organisationId, setOrganisation] = useState(filter.organisationId ?? '')
  const [faults, setFaults] = useState<Fault[]>([])
  const [failure, setFailure] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const id = useId()
  const faultOf = (member: string): string | undefined =>
    faults.find(({ pointer }) => pointer?.endsWith(member))?.detail

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    setFaults([])
    setFailure(null)
    try {
      const session = await start(mentorId, organisationId)
      opened.set(false)
      go({ session })
      announce('Session started.')
    } catch (error) {
      const named = error instanceof Refusal ? error.faults : []
      setFaults(named)
      if (named.length === 0) setFailure((error as Error).message)
      document.getElementById(`${id}-mentor`)?.focus()
    } finally {
      setBusy(false)
    }
  }

  const field = (
    name: 'mentor' | 'organisation',
    label: string,
    hint: string,
    value: string,
    set: (to: string) => void,
  ) => {
    const fault = faultOf(`${name}Id`)
    return (
      <div class="field">
        <label for={`${id}-${name}`}>{label}</label>
        <input
          id={`${id}-${name}`}
          value={value}
          autocomplete="off"
          spellcheck={false}
          aria-invalid={fault ? 'true' : undefined}
          aria-describedby={`${id}-${name}-hint ${id}-${name}-fault`}
          onInput={({ currentTarget }) => set(currentTarget.value)}
        />
        <small id={`${id}-${name}-hint`}>{hint}</small>
        <small id={`${id}-${name}-fault`} class="fault">
          {fault && `${label} ${fault}.`}
        </small>
      </div>
    )
  }

  return (
    <form onSubmit={submit} noValidate>
      {field(
        'mentor',
        'Mentor',
        'The id of whoever leads the session, as your own system has it.',
        mentorId,
        setMentor,
      )}
      {field('organisation', 'Organisation', 'Optional. Whose programme it is.', organisationId, setOrganisation)}
      {failure && (
        <p role="alert" class="refusal">
          {failure}
        </p>
      )}
      <div class="buttons">
        <button type="submit" class="primary" aria-disabled={busy}>
          Start session
        </button>
        <button type="button" onClick={() => opened.set(false)}>
          Cancel
        </button>
      </div>
    </form>
  )
}

/** What this is and how to begin, where there is nothing to show yet. */
export function Welcome() {
  const [failure, setFailure] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
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
        <div class="buttons">
          <button type="button" class="primary" onClick={tryExample} aria-disabled={busy}>
            Try an example
          </button>
          <button type="button" onClick={openStart}>
            Start a session
          </button>
        </div>
        {failure && (
          <p role="alert" class="refusal">
            {failure}
          </p>
        )}
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
          <code>POST /api/v1/benefit-calculator-sessions</code> and <code>/graphql</code>; see <a href="/docs">/docs</a>
          .
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
        <CostAgainstValue inputs={example} breakEven={exampleBreakEven} />
      </div>
    </section>
  )
}
