import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { createIdempotencyKey } from '../../../packages/client/src/index.js'
import { identifierCharacters } from '../../../src/domain/limits'
import { client, invalidMembers } from '../graphql/client'
import { textFault } from '../inputs'
import { navigate, route, sessionRoute } from '../router'
import { caller, isOrganisationRefused } from '../sign-in/caller'
import { announce, Store, useStore } from '../store'
import { words } from '../words'
import { useError } from './error-message'
import { FormButtons } from './form-buttons'
import { NameField } from './name-field'

const isStartDialogOpen = new Store(false)
export const openStartDialog = (): void => isStartDialogOpen.set(true)

let justStarted: string | null = null

/** Returns whether the user has just started this session in the dialog, once. */
export function takeJustStarted(id: string): boolean {
  if (justStarted !== id) return false
  justStarted = null
  return true
}

/** Starts a session and returns its id. The same key starts only one session. */
export async function startSession(
  mentorId: string,
  organisationId: string,
  key = createIdempotencyKey(),
): Promise<string> {
  const { session } = await client.startSession(
    { mentorId, organisationId: organisationId || null },
    { idempotencyKey: key },
  )
  return session.id
}

/** Asks for mentor and organisation of a new session, in a dialog. */
export function StartDialog() {
  const open = useStore(isStartDialogOpen)
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useLayoutEffect(() => {
    if (open) dialog.current?.showModal()
    else dialog.current?.close()
  }, [open])
  return (
    <dialog ref={dialog} aria-labelledby={heading} onClose={() => isStartDialogOpen.set(false)}>
      <h2 id={heading}>{words.start.open}</h2>
      <p class="soft">{words.start.what}</p>
      {open && <StartForm />}
    </dialog>
  )
}

function StartForm() {
  const { filter } = route.value
  const { mentor_id, organisation_id } = caller.value
  const [mentorId, setMentor] = useState(mentor_id ?? filter.mentorId ?? '')
  const [organisationId, setOrganisation] = useState(
    organisation_id ?? (mentor_id === null ? filter.organisationId : null) ?? '',
  )
  /** Whether the user tried to start. Then faults are shown until they are corrected. */
  const [tried, setTried] = useState(false)
  /** Members that the server refused, for these ids. */
  const [serverReport, setServerReport] = useState<{ ids: string; members: string[] } | null>(null)
  const [failure, fail] = useError()
  const [busy, setBusy] = useState(false)
  /** Whether a start is in progress. Set at once, because key presses can be faster than rendering. */
  const starting = useRef(false)
  /** Idempotency key of these ids, so that several attempts start one session. */
  const idempotencyKey = useRef({ ids: '', key: '' })
  const form = useRef<HTMLFormElement>(null)
  const shown = useRef(true)
  useEffect(
    () => () => {
      shown.current = false
    },
    [],
  )
  const ids = JSON.stringify([mentorId, organisationId])
  const isRefused = (member: string): boolean => serverReport?.ids === ids && serverReport.members.includes(member)
  const faults = {
    mentorId:
      (mentorId === ''
        ? words.faults.required(words.mentor)
        : textFault(words.mentor, mentorId, identifierCharacters)) ??
      (isRefused('mentorId') ? words.faults.other(words.mentor) : null),
    organisationId:
      (organisationId === '' ? null : textFault(words.organisation, organisationId, identifierCharacters)) ??
      (isRefused('organisationId') ? words.faults.other(words.organisation) : null),
  }
  useEffect(() => fail(null), [ids])

  const focusFault = (): void => {
    form.current?.querySelector<HTMLElement>(`[name="${faults.mentorId ? 'mentorId' : 'organisationId'}"]`)?.focus()
  }

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (starting.current) return
    setTried(true)
    if (faults.mentorId || faults.organisationId) return focusFault()
    starting.current = true
    setBusy(true)
    fail(null)
    if (idempotencyKey.current.ids !== ids) idempotencyKey.current = { ids, key: createIdempotencyKey() }
    try {
      const session = await startSession(mentorId, organisationId, idempotencyKey.current.key)
      if (!shown.current) return
      isStartDialogOpen.set(false)
      justStarted = session
      navigate(sessionRoute(session))
      announce(words.start.done)
    } catch (error) {
      const members = invalidMembers(error)
      setServerReport({ ids, members })
      if (isOrganisationRefused(error, organisationId)) fail(new Error(words.start.noOrganisation))
      else if (members.length === 0) fail(error as Error)
      form.current?.querySelector('input')?.focus()
    } finally {
      starting.current = false
      setBusy(false)
    }
  }

  return (
    <form ref={form} onSubmit={submit} noValidate>
      <NameField
        kind="mentor"
        name="mentorId"
        label={words.mentor}
        hint={mentor_id === null ? words.start.mentorHint : words.start.mentorIsYou}
        fault={(tried && faults.mentorId) || undefined}
        value={mentorId}
        setValue={setMentor}
        readOnly={mentor_id !== null}
      />
      <NameField
        kind="organisation"
        name="organisationId"
        label={words.organisation}
        hint={organisation_id === null ? words.start.organisationHint : words.start.organisationIsYours}
        fault={(tried && faults.organisationId) || undefined}
        value={organisationId}
        setValue={setOrganisation}
        readOnly={organisation_id !== null}
      />
      <FormButtons
        submit={words.start.submit}
        failure={failure}
        isBusy={busy}
        cancel={() => isStartDialogOpen.set(false)}
      />
    </form>
  )
}
