import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { startMutation } from '../graphql/documents'
import { change, Refusal } from '../graphql/requests'
import { go, route } from '../route'
import { announce, Store, useStore } from '../store'

const opened = new Store(false)
export const openStart = (): void => opened.set(true)

/** Starts a session, and gives its id. */
export async function start(mentorId: string, organisationId: string): Promise<string> {
  const input = { mentorId, ...(organisationId && { organisationId }) }
  const { startSession } = await change<{ startSession: { session: { id: string } } }>(startMutation, input)
  return startSession.session.id
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
  const [faults, setFaults] = useState<Record<string, string>>({})
  const [failure, setFailure] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const id = useId()

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    setFaults({})
    setFailure(null)
    try {
      const session = await start(mentorId, organisationId)
      opened.set(false)
      go({ session })
      announce('Session started.')
    } catch (error) {
      const named = error instanceof Refusal ? error.details : {}
      setFaults(named)
      if (Object.keys(named).length === 0) setFailure((error as Error).message)
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
    const fault = faults[`${name}Id`]
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
