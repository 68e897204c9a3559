import { useRef, useState } from 'preact/hooks'
import { invalidMembers } from '../../graphql/client'
import { announce } from '../../store'
import { useAction } from '../../views/action'
import { Field } from '../../views/field'
import { FormButtons } from '../../views/form-buttons'
import { words } from '../../words'
import { Choice } from './choice'
import { createKey, type ServiceKeyRole } from './keys'
import { keysWords as texts } from './words'

const labels = {
  name: texts.name,
  organisationId: words.organisation,
  mentorId: words.mentor,
  expires: texts.expires,
}
const hints = {
  name: texts.nameHint,
  organisationId: texts.organisationHint,
  mentorId: texts.mentorHint,
  expires: texts.expiresHint,
}
type Member = keyof typeof labels
const members = Object.keys(labels) as Member[]
const roles = Object.keys(texts.roles) as ServiceKeyRole[]

/** Members of a key with this role, besides its name. */
const membersOf: Record<ServiceKeyRole, Member[]> = {
  ADMIN: ['expires'],
  COORDINATOR: ['organisationId', 'expires'],
  MENTOR: ['mentorId', 'organisationId', 'expires'],
  READER: ['organisationId', 'expires'],
}

const isRequired = (member: Member, role: ServiceKeyRole): boolean =>
  member === 'organisationId' ? role !== 'MENTOR' : member !== 'expires'

/** Form that creates a service key. */
export function CreateForm({ close, onDone }: { close(): void; onDone(): void }) {
  const [role, setRole] = useState<ServiceKeyRole>('READER')
  const [values, setValues] = useState<Record<Member, string>>({
    name: '',
    organisationId: '',
    mentorId: '',
    expires: '',
  })
  const [faults, setFaults] = useState<Partial<Record<Member, string>>>({})
  const form = useRef<HTMLFormElement>(null)
  const { failure, isBusy, run } = useAction()

  const showFaults = (faults: Partial<Record<Member, string>>): void => {
    setFaults(faults)
    form.current?.querySelector<HTMLElement>(`[name="${members.find(member => faults[member])}"]`)?.focus()
  }

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    const shown: Member[] = ['name', ...membersOf[role]]
    const stated = Object.fromEntries(shown.map(member => [member, values[member].trim() || null]))
    const missing = shown.filter(member => isRequired(member, role) && !stated[member])
    if (missing.length > 0)
      return showFaults(Object.fromEntries(missing.map(member => [member, words.faults.required(labels[member])])))
    let isCreated = false
    await run(async () => {
      try {
        await createKey({ ...stated, name: values.name.trim(), role })
        isCreated = true
      } catch (error) {
        const invalid = members.filter(member => invalidMembers(error).includes(member))
        if (invalid.length === 0) throw error
        showFaults(Object.fromEntries(invalid.map(member => [member, refusedFault(member)])))
      }
    })
    if (!isCreated) return
    close()
    announce(texts.create.done)
    onDone()
  }

  const field = (member: Member) => (
    <Field
      key={member}
      label={labels[member]}
      hint={hints[member]}
      fault={faults[member]}
      input={{
        ...(member === 'expires' && { type: 'date' as const }),
        name: member,
        autocomplete: 'off',
        spellcheck: false,
        value: values[member],
        onInput: ({ currentTarget: { value } }) => {
          setValues(values => ({ ...values, [member]: value }))
          setFaults(({ [member]: _, ...others }) => others)
        },
      }}
    />
  )

  return (
    <form ref={form} onSubmit={submit} noValidate>
      {field('name')}
      <Choice
        label={texts.role}
        hint={texts.rights[role]}
        value={role}
        options={roles.map(role => [role, texts.roles[role]])}
        choose={role => setRole(role as ServiceKeyRole)}
      />
      {membersOf[role].map(field)}
      <FormButtons submit={texts.create.submit} failure={failure} isBusy={isBusy} cancel={close} />
    </form>
  )
}

/** Returns the error message for a field that the server refused. */
const refusedFault = (member: Member): string =>
  member === 'expires' ? texts.expiresFault : words.faults.other(labels[member])
