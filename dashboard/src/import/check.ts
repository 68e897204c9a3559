import { identifierCharacters } from '../../../src/domain/limits'
import { faultOfText, faultsOf, inputsOf, numberNames, typed, type Values } from '../inputs'
import { locale } from '../reader'
import { caller } from '../sign-in/caller'
import type { Numbers } from '../types'
import { words } from '../words'
import { amountIn, isCurrency } from './amounts'
import { type Column, columns } from './columns'
import { dateOf, type Order } from './dates'
import { figureOf } from './figures'
import type { Refused, Texts } from './rows'
import type { Writing } from './writing'

/** What is wrong with a cell. */
export interface Fault {
  sentence: string
  /** What a date that can be read in two ways may be. */
  either?: Record<Order, string>
}

/** What a row says, and what is wrong with it. */
export interface Checked {
  mentorId: string
  organisationId: string | null
  inputs: ReturnType<typeof inputsOf>
  faults: Partial<Record<Column, Fault>>
  /** The same for rows that say the same. */
  says: string
}

/** How the columns are called. */
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

/** Whoever is signed in as a mentor, or for an organisation, is named where nobody is. */
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
    const isAmount = name === 'costPerSession' || name === 'costPerHour'
    const text = isAmount ? amountIn(currency, texts[name]) : texts[name]
    const read = text === null ? null : figureOf(text, mark)
    if (texts[name] !== '' && read === null) {
      fault(name, text === null ? words.import.otherCurrency(currency) : words.import.number(columnNames[name]))
    }
    return read === null ? '' : typed(read)
  }
  const day = (name: 'from' | 'to'): string => {
    const read = dateOf(texts[name], order, locale)
    if (typeof read === 'string') return read
    if (read) faults[name] = { sentence: words.import.whichDay, either: read }
    else if (texts[name] !== '') fault(name, words.faults.day(columnNames[name]))
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

/** The same with what the server refused of it. */
export function withRefused(checked: Checked, { members }: Refused): Checked {
  const named = columns.filter(column => members.includes(column))
  const refused = named.map(column => [column, { sentence: words.faults.other(columnNames[column]) }] as const)
  return { ...checked, faults: { ...Object.fromEntries(refused), ...checked.faults } }
}
