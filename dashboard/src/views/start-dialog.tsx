import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { createIdempotencyKey } from '../../../packages/client/src/index.js'
import { client, invalidMembers } from '../graphql/client'
import { navigate, route, sessionRoute } from '../router'
import { caller, isOrganisationRefused } from '../sign-in/caller'
import { announce, Store, useStore } from '../store'
import { words } from '../words'
import { useError } from './error-message'
import { FormButtons } from './form-buttons'
import { NameField } from './name-field'
import { useOwnerFields } from './owner-fields'

const isStartDialogOpen = new Store(false)
export const openStartDialog = (): void => isStartDialogOpen.set(true)

let justStarted: string | null = null

/** Returns true if the user has just started the session, but only on the first call after the start. */
export function takeJustStarted(id: string): boolean {
  if (justStarted !== id) return false
  justStarted = null
  return true
}

export function openStarted(id: string): void {
  justStarted = id
  navigate(sessionRoute(id))
  announce(words.start.done)
}

/** Starts a session and returns its id. Repeated calls with the same idempotency key start only one session. */
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

/** A dialog that asks for the mentor and organisation of a new session. */
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
  const own = caller.value
  const { form, ids, mentorId, organisationId, check, refuse, ...fields } = useOwnerFields({
    mentorId: own.mentorId ?? filter.mentorId ?? '',
    organisationId: own.organisationId ?? (own.mentorId === null ? filter.organisationId : null) ?? '',
  })
  const [failure, fail] = useError()
  const [busy, setBusy] = useState(false)
  /**
   * Whether a start request is in progress, stored in a ref because a second key press can come before the next render.
   */
  const starting = useRef(false)
  /** Idempotency key for the entered ids, so that retries start only one session. */
  const idempotencyKey = useRef({ ids: '', key: '' })
  const shown = useRef(true)
  useEffect(
    () => () => {
      shown.current = false
    },
    [],
  )
  useEffect(() => fail(null), [ids])

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (starting.current) return
    starting.current = true
    fail(null)
    try {
      if (!(await check()) || !shown.current) return
      setBusy(true)
      if (idempotencyKey.current.ids !== ids) idempotencyKey.current = { ids, key: createIdempotencyKey() }
      const session = await startSession(mentorId, organisationId, idempotencyKey.current.key)
      if (!shown.current) return
      isStartDialogOpen.set(false)
      openStarted(session)
    } catch (error) {
      const members = invalidMembers(error)
      refuse(members)
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
        {...fields.mentor}
        hint={own.mentorId === null ? words.start.mentorHint : words.start.mentorIsYou}
        readOnly={own.mentorId !== null}
      />
      <NameField
        {...fields.organisation}
        hint={own.organisationId === null ? words.start.organisationHint : words.start.organisationIsYours}
        readOnly={own.organisationId !== null}
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
