import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { startMutation } from '../graphql/documents'
import { change, Refusal } from '../graphql/requests'
import { go, route } from '../route'
import { caller } from '../sign-in/caller'
import { announce, Store, useStore } from '../store'
import { Field } from './field'
import { RefusalText } from './refusal'

const startOpened = new Store(false)
export const openStart = (): void => startOpened.set(true)

/** Starts a session, and gives its id. */
export async function start(mentorId: string, organisationId: string): Promise<string> {
  const input = { mentorId, ...(organisationId && { organisationId }) }
  const { startSession } = await change<{ startSession: { session: { id: string } } }>(startMutation, input)
  return startSession.session.id
}

/** Asks for whom a session is started, in a dialog over whatever is shown. */
export function StartDialog() {
  const open = useStore(startOpened)
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    if (open) dialog.current?.showModal()
    else dialog.current?.close()
  }, [open])
  return (
    <dialog ref={dialog} aria-labelledby={heading} onClose={() => startOpened.set(false)}>
      <h2 id={heading}>Start a session</h2>
      <p class="soft">A session holds one programme’s numbers and the results computed from them.</p>
      {open && <StartForm />}
    </dialog>
  )
}

const verbatim = { autocomplete: 'off', spellcheck: false }

function StartForm() {
  const { filter } = route.value
  const { mentor_id, organisation_id } = caller.value
  const [mentorId, setMentor] = useState(mentor_id ?? filter.mentorId ?? '')
  const [organisationId, setOrganisation] = useState(organisation_id ?? filter.organisationId ?? '')
  const [faults, setFaults] = useState<Record<string, string>>({})
  const [failure, setFailure] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    setFaults({})
    setFailure(null)
    try {
      const session = await start(mentorId, organisationId)
      startOpened.set(false)
      go({ session })
      announce('Session started.')
    } catch (error) {
      const named = error instanceof Refusal ? error.details : {}
      setFaults(named)
      if (Object.keys(named).length === 0) setFailure((error as Error).message)
      form.current?.querySelector('input')?.focus()
    } finally {
      setBusy(false)
    }
  }

  return (
    <form ref={form} onSubmit={submit} noValidate>
      <Field
        label="Mentor"
        hint={mentor_id === null ? 'The id of whoever leads the session, as your own system has it.' : 'You.'}
        fault={faults.mentorId}
        input={{
          ...verbatim,
          readOnly: mentor_id !== null,
          value: mentorId,
          onInput: ({ currentTarget }) => setMentor(currentTarget.value),
        }}
      />
      <Field
        label="Organisation"
        hint={organisation_id === null ? 'Optional. Whose programme it is.' : 'Yours.'}
        fault={faults.organisationId}
        input={{
          ...verbatim,
          readOnly: organisation_id !== null,
          value: organisationId,
          onInput: ({ currentTarget }) => setOrganisation(currentTarget.value),
        }}
      />
      <RefusalText text={failure} />
      <div class="buttons">
        <button type="submit" class="primary" aria-disabled={busy}>
          Start session
        </button>
        <button type="button" onClick={() => startOpened.set(false)}>
          Cancel
        </button>
      </div>
    </form>
  )
}
