import { identifierCharacters } from '../../../src/domain/limits'
import { writeDecimal } from '../decimals'
import { datesOf, isCurrency } from '../format'
import {
  faultOfText,
  faultsOf,
  inputsOf,
  numberNames,
  readingOf,
  typed,
  type Values,
  writtenElsewhere,
} from '../inputs'
import { locale } from '../reader'
import { caller } from '../sign-in/caller'
import type { Numbers } from '../types'
import { words } from '../words'
import { type Column, columns } from './columns'
import { dateOf } from './dates'
import type { Refused, Texts } from './rows'
import { localeOf, type Writing } from './writing'

/** A fault of a cell. */
export interface Fault {
  sentence: string
  /** Possible meanings: the text for the cell, and the text to show. */
  meant?: readonly { text: string; shown: string }[]
}

/** Content of a row, and its faults. */
export interface Checked {
  mentorId: string
  organisationId: string | null
  inputs: ReturnType<typeof inputsOf>
  faults: Partial<Record<Column, Fault>>
  /** Equal for rows with the same content. */
  says: string
}

/** Names of the columns. */
export const columnNames: Record<Column, string> = {
  mentorId: words.mentor,
  organisationId: words.organisation,
  label: words.calculator.label,
  currency: words.calculator.currency,
  from: words.calculator.from,
  to: words.calculator.to,
  sessions: words.calculator.sessions,
  avgMinutes: words.calculator.avgMinutes,
  costPerSession: words.calculator.costPerSession,
  costPerHour: words.calculator.costPerHour,
}

/** Checks a row. An empty mentor or organisation stands for the caller's own. */
export function check(texts: Texts, { mark, order }: Writing): Checked {
  const { mentor_id, organisation_id } = caller.value
  const mentorId = texts.mentorId || (mentor_id ?? '')
  const organisationId = texts.organisationId || organisation_id
  const currency = texts.currency.toUpperCase()
  const faults: Checked['faults'] = {}
  const fault = (column: Column, sentence: string | null): void => {
    if (sentence !== null) faults[column] ??= { sentence }
  }

  const figure = (name: keyof Numbers): string => {
    const reading = readingOf(name, texts[name], localeOf(mark, locale))
    if (reading.is === 'understood') {
      const { unit, text } = reading
      if (currency && isCurrency(unit) && !isCurrency(unit, currency)) fault(name, words.import.otherCurrency(currency))
      return `${unit} ${typed(text)}`.trim()
    }
    if (reading.is === 'ambiguous') {
      const by = localeOf(mark, locale)
      const text = writeDecimal(reading.suggestion, by, { grouped: false })
      faults[name] = { sentence: writtenElsewhere(by), meant: [{ text, shown: text }] }
    } else if (texts[name] !== '') {
      fault(name, words.faults.noNumber(columnNames[name], typed(3.5)))
    }
    return ''
  }
  const day = (name: 'from' | 'to'): string => {
    const read = dateOf(texts[name], order, locale)
    if (typeof read === 'string') return read
    if (read) {
      const meant = [read.day, read.month].map(text => ({ text, shown: datesOf({ from: text, to: text }) }))
      faults[name] = { sentence: words.import.whichDay, meant }
    } else if (texts[name] !== '') fault(name, words.faults.day(columnNames[name]))
    return ''
  }
  const values: Values = {
    ...(Object.fromEntries(numberNames.map(name => [name, figure(name)])) as Record<keyof Numbers, string>),
    label: texts.label,
    currency,
    from: day('from'),
    to: day('to'),
  }

  if (mentor_id !== null && mentorId !== mentor_id) fault('mentorId', words.import.otherMentor(mentor_id))
  if (organisation_id !== null && organisationId !== organisation_id) {
    fault('organisationId', words.import.otherOrganisation(organisation_id))
  }
  if (mentorId === '') fault('mentorId', words.faults.required(words.mentor))
  fault('mentorId', faultOfText(words.mentor, mentorId, identifierCharacters))
  if (organisationId) fault('organisationId', faultOfText(words.organisation, organisationId, identifierCharacters))
  if (currency !== '' && !isCurrency(currency)) fault('currency', words.faults.currency)
  for (const { name, sentence } of faultsOf(values)) fault(name, sentence)
  const row = { mentorId, organisationId: organisationId || null, inputs: inputsOf(values) }
  return { ...row, faults, says: JSON.stringify(Object.keys(faults).length > 0 ? texts : row) }
}

/** Adds the faults that the server reported to a checked row. */
export function withRefused(checked: Checked, { members }: Refused): Checked {
  const named = columns.filter(column => members.includes(column))
  const refused = named.map(column => [column, { sentence: words.faults.other(columnNames[column]) }] as const)
  return { ...checked, faults: { ...Object.fromEntries(refused), ...checked.faults } }
}
