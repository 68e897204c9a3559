import { useEffect, useRef, useState } from 'preact/hooks'
import { folded } from '../../../src/domain/folding'
import { identifierCharacters } from '../../../src/domain/limits'
import { useCapabilities } from '../capability'
import { textFault } from '../inputs'
import { announce } from '../store'
import { words } from '../words'
import { typingPauseMs } from './combobox'

/** Maximum time in ms that a form waits for the known names before it is sent. */
const maxCheckMs = 1_000

type Kind = 'mentor' | 'organisation'

const memberOf = { mentor: 'mentorId', organisation: 'organisationId' } as const

/** Returns a text that is equal for names that differ at most in case, accents, apostrophes and spaces. */
export const nameKey = (name: string): string => folded(name).replace(/\s/gu, '')

/** Holds the name of a mentor or an organisation, and finds the known ones. It may be another spelling of `replaced` ones. */
function useName(kind: Kind, initial: string, replaced: readonly string[]) {
  const suggestNames = useCapabilities().find(({ suggestNames }) => suggestNames)?.suggestNames
  const [value, setValue] = useState(initial)
  /** Name that exists already and is the same as `text` but for case, accents, apostrophes and spaces. */
  const [same, setSame] = useState<{ text: string; name: string | null } | null>(null)
  /** The latest read. The suggestions and the check of the same text share it. */
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

interface Owner {
  mentorId: string
  organisationId: string
}

interface OwnerFieldsOptions {
  isMentorRequired?: boolean
  /** Names that the entered ones replace. */
  replaced?: Record<keyof Owner, readonly string[]>
}

/** Returns the state of the fields for mentor and organisation in a form. */
export function useOwnerFields(
  initial: Owner,
  { isMentorRequired = true, replaced = { mentorId: [], organisationId: [] } }: OwnerFieldsOptions = {},
) {
  const form = useRef<HTMLFormElement>(null)
  const mentor = useName('mentor', initial.mentorId, replaced.mentorId)
  const organisation = useName('organisation', initial.organisationId, replaced.organisationId)
  /** Whether the user tried to send the form. Then faults are shown until they are corrected. */
  const [tried, setTried] = useState(false)
  /** Members that the server refused, for these ids. */
  const [refused, setRefused] = useState<{ ids: string; members: string[] } | null>(null)
  /** The ids with which the form was held, because a name exists in another spelling. */
  const [heldIds, setHeldIds] = useState<string | null>(null)
  const ids = JSON.stringify([mentor.value, organisation.value])

  /** Returns why the form can't be sent. */
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
   * Resolves to whether the form may be sent. Otherwise it shows why, and moves the focus. A name that exists in another
   * spelling holds the form once: the user may mean it.
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
    /** Shows that the server refused these members. */
    refuse: (members: string[]): void => setRefused({ ids, members }),
  }
}
