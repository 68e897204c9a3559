import { useEffect, useRef, useState } from 'preact/hooks'
import { folded } from '../../../src/domain/folding'
import { identifierCharacters } from '../../../src/domain/limits'
import { useCapabilities } from '../capability'
import { textFault } from '../inputs'
import { announce } from '../store'
import type { Owner, OwnerKind } from '../types'
import { words } from '../words'
import { typingPauseMs } from './combobox'

/** Maximum time in ms that submitting a form waits for the lookup of existing names. */
const maxCheckMs = 1_000

const memberOf = { mentor: 'mentorId', organisation: 'organisationId' } as const

/** Returns a key that is the same for all names that differ only in case, accents, apostrophes and spaces. */
export const nameKey = (name: string): string => folded(name).replace(/\s/gu, '')

/**
 * State of a field for a mentor or an organisation. Looks up an existing name that differs from the entered name only
 * in spelling, ignoring the names in `replaced`.
 */
function useName(kind: OwnerKind, initial: string, replaced: readonly string[]) {
  const suggestNames = useCapabilities().find(({ suggestNames }) => suggestNames)?.suggestNames
  const [value, setValue] = useState(initial)
  /** An existing name that differs from `text` only in case, accents, apostrophes and spaces. */
  const [same, setSame] = useState<{ text: string; name: string | null } | null>(null)
  /** The latest lookup of existing names, which is used both to suggest names and to check the entered name. */
  const latest = useRef<{ text: string; names: Promise<string[]> } | null>(null)

  const read = (text: string): Promise<string[]> => {
    if (latest.current?.text === text) return latest.current.names
    const names = suggestNames?.(kind, text) ?? Promise.resolve([])
    latest.current = { text, names }
    names.catch(() => {
      if (latest.current?.names === names) latest.current = null
    })
    return names
  }

  const findExisting = async (): Promise<string | null> => {
    if (value === initial || value.trim() === '') return null
    const timeout = new Promise<string[]>(resolve => setTimeout(resolve, maxCheckMs, []))
    const names = await Promise.race([read(value), timeout]).catch((): string[] => [])
    const name = names.includes(value)
      ? undefined
      : names.find(name => nameKey(name) === nameKey(value) && !replaced.includes(name))
    setSame({ text: value, name: name ?? null })
    return name ?? null
  }

  useEffect(() => {
    const announceExisting = async (): Promise<void> => {
      const name = await findExisting()
      if (name !== null) announce(words.start.exists(name))
    }
    const timer = setTimeout(announceExisting, typingPauseMs)
    return () => clearTimeout(timer)
  }, [value])

  return {
    name: memberOf[kind],
    label: words[kind],
    value,
    setValue,
    existing: same?.text === value ? same.name : null,
    findExisting,
    async suggest(text: string): Promise<string[]> {
      return (await read(text)).filter(name => name !== text)
    },
  }
}

type OwnerValues = Record<keyof Owner, string>

interface OwnerFieldsOptions {
  isMentorRequired?: boolean
  /** Current names in the rows, which the entered names will replace. */
  replaced?: Record<keyof Owner, readonly string[]>
}

/** Returns the state of a form's mentor and organisation fields. */
export function useOwnerFields(
  initial: OwnerValues,
  { isMentorRequired = true, replaced = { mentorId: [], organisationId: [] } }: OwnerFieldsOptions = {},
) {
  const form = useRef<HTMLFormElement>(null)
  const mentor = useName('mentor', initial.mentorId, replaced.mentorId)
  const organisation = useName('organisation', initial.organisationId, replaced.organisationId)
  /**
   * Whether the user has tried to submit the form. Validation errors are shown only after the first attempt to submit.
   */
  const [tried, setTried] = useState(false)
  /** Fields that the server refused (`members`), and the form's values at that time (`ids`). */
  const [refused, setRefused] = useState<{ ids: string; members: string[] } | null>(null)
  /** Values whose first submission was stopped because a name already exists in another spelling. */
  const [heldIds, setHeldIds] = useState<string | null>(null)
  const ids = JSON.stringify([mentor.value, organisation.value])

  /** Returns a field's error message, or null if the field is valid. */
  const faultOf = ({ name, label, value }: typeof mentor, isRequired: boolean): string | null => {
    if (value === '') return isRequired ? words.faults.required(label) : null
    const isRefused = refused?.ids === ids && refused.members.includes(name)
    return textFault(label, value, identifierCharacters) ?? (isRefused ? words.faults.other(label) : null)
  }
  const faults = { mentorId: faultOf(mentor, isMentorRequired), organisationId: faultOf(organisation, false) }

  const focus = (name: keyof Owner): void => {
    form.current?.querySelector<HTMLElement>(`[name="${name}"]`)?.focus()
  }

  /**
   * Resolves to whether the form is ready to submit. If the form is not ready, shows the validation errors and moves
   * the focus. If a name already exists in another spelling, stops the first submission. If the user submits the form
   * again, keeps the entered spelling.
   */
  const check = async (): Promise<boolean> => {
    setTried(true)
    if (faults.mentorId || faults.organisationId) {
      focus(faults.mentorId ? 'mentorId' : 'organisationId')
      return false
    }
    if (heldIds === ids) return true
    const [mentorName, organisationName] = await Promise.all([mentor.findExisting(), organisation.findExisting()])
    if (mentorName === null && organisationName === null) return true
    setHeldIds(ids)
    focus(mentorName === null ? 'organisationId' : 'mentorId')
    return false
  }

  const fieldOf = (field: typeof mentor) => {
    const { name, value, existing } = field
    const held = heldIds === ids && existing !== null ? words.faults.exists(existing, value) : undefined
    return { ...field, fault: (tried && faults[name]) || held }
  }
  return {
    form,
    ids,
    mentorId: mentor.value,
    organisationId: organisation.value,
    mentor: fieldOf(mentor),
    organisation: fieldOf(organisation),
    check,
    /** Marks fields that the server refused. */
    refuse: (members: string[]): void => setRefused({ ids, members }),
  }
}
