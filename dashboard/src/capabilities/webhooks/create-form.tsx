import { useRef, useState } from 'preact/hooks'
import { identifierCharacters } from '../../../../src/domain/limits'
import { invalidMembers } from '../../graphql/client'
import { textFault } from '../../inputs'
import { navigate } from '../../router'
import { caller } from '../../sign-in/caller'
import { announce } from '../../store'
import type { TransitionEvent } from '../../types'
import { useAction } from '../../views/action'
import { Field } from '../../views/field'
import { FormButtons } from '../../views/form-buttons'
import { words } from '../../words'
import { createEndpoint, type EndpointSecret } from './endpoints'
import { newSecret } from './secret'
import { webhooksWords } from './words'

const labels = {
  url: webhooksWords.url,
  description: webhooksWords.description,
  organisationId: words.organisation,
}
const hints = {
  url: webhooksWords.urlHint,
  description: webhooksWords.descriptionHint,
  organisationId: webhooksWords.organisationHint,
}
type Member = keyof typeof labels
const members = Object.keys(labels) as Member[]

/** Returns the error message for a field that the server refused. */
const refusedFault = (member: Member): string =>
  member === 'url' ? webhooksWords.urlFault : words.faults.other(labels[member])

/** Form that creates a webhook endpoint and then opens it. */
export function CreateForm({ close }: { close(): void }) {
  const own = caller.value.organisationId
  const [values, setValues] = useState<Record<Member, string>>({
    url: '',
    description: '',
    organisationId: own ?? '',
  })
  const [events, setEvents] = useState<TransitionEvent[]>([])
  const [faults, setFaults] = useState<Partial<Record<Member, string>>>({})
  const form = useRef<HTMLFormElement>(null)
  const { failure, run } = useAction()

  const showFaults = (faults: Partial<Record<Member, string>>): void => {
    setFaults(faults)
    form.current?.querySelector<HTMLElement>(`[name="${members.find(member => faults[member])}"]`)?.focus()
  }

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    const { description, organisationId } = values
    const url = values.url.trim()
    const organisationFault = organisationId && textFault(words.organisation, organisationId, identifierCharacters)
    if (!url || organisationFault) {
      showFaults({
        ...(!url && { url: words.faults.required(webhooksWords.url) }),
        ...(organisationFault && { organisationId: organisationFault }),
      })
      return
    }
    let created: EndpointSecret | undefined
    await run(async () => {
      try {
        created = await createEndpoint({
          url,
          events,
          description: description || null,
          organisationId: organisationId || null,
        })
      } catch (error) {
        const invalid = members.filter(member => invalidMembers(error).includes(member))
        if (invalid.length === 0) throw error
        showFaults(Object.fromEntries(invalid.map(member => [member, refusedFault(member)])))
      }
    })
    if (!created) return
    newSecret.set(created)
    close()
    navigate({ path: '/webhooks/:endpoint_id', id: created.id })
    announce(webhooksWords.create.done)
  }

  const field = (member: Member) => (
    <Field
      label={labels[member]}
      hint={hints[member]}
      fault={faults[member]}
      input={{
        name: member,
        inputMode: member === 'url' ? 'url' : 'text',
        autocomplete: 'off',
        spellcheck: member === 'description',
        readOnly: member === 'organisationId' && own !== null,
        value: values[member],
        onInput: ({ currentTarget: { value } }) => {
          setValues(values => ({ ...values, [member]: value }))
          setFaults(({ [member]: _, ...others }) => others)
        },
      }}
    />
  )

  const choose = (event: TransitionEvent, isChosen: boolean): void =>
    setEvents(events => (isChosen ? [...events, event] : events.filter(other => other !== event)))

  return (
    <form ref={form} onSubmit={submit} noValidate>
      {field('url')}
      {field('description')}
      <fieldset>
        <legend>{webhooksWords.events}</legend>
        <small class="soft">{webhooksWords.eventsHint}</small>
        {(Object.entries(words.events) as [TransitionEvent, string][]).map(([event, name]) => (
          <label key={event}>
            <input
              type="checkbox"
              checked={events.includes(event)}
              onChange={({ currentTarget }) => choose(event, currentTarget.checked)}
            />
            {name}
          </label>
        ))}
      </fieldset>
      {field('organisationId')}
      <FormButtons submit={webhooksWords.create.submit} failure={failure} cancel={close} />
    </form>
  )
}
