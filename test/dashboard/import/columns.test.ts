import { parseCells } from '../../../dashboard/src/import/cells'
import { type Column, columns, detectMapping, detectTable } from '../../../dashboard/src/import/columns'
import { csvHead } from '../../../src/rest/csv'
import { wordsOf } from '../../support/views'

const all = Object.fromEntries(columns.map((column, at) => [column, at]))
const none = Object.fromEntries(columns.map(column => [column, null]))

test.each([
  [
    'English',
    'Mentor|Organisation|What was valued|Currency|First day|Last day|Sessions held|Mean length (min)|Cost of a session|Value of an hour',
  ],
  [
    'English, as it comes',
    'MENTOR|organization|Programme|currency|Start date|End date|No. of sessions|Minutes|Cost per session (£)|Hourly rate',
  ],
  [
    'German',
    'Mentor/in|Einrichtung|Bezeichnung|Währung|Erster Tag|Letzter Tag|Anzahl der Sitzungen|Mittlere Dauer|Kosten je Sitzung [€]|Stundensatz',
  ],
  [
    'French',
    'Bénévole|Organisme|Libellé|Devise|Du|Au|Nombre de séances|Durée moyenne|Coût d’une séance|Valeur d’une heure',
  ],
])('columns are recognised by their names in %s', (_, names) => {
  const table = detectTable([names.split('|'), Array(10).fill('1')])
  expect(table.rows).toHaveLength(1)
  expect(detectMapping(table)).toEqual(all)
})

test.each(['en-GB', 'de-DE', 'fr-FR'])("this page's own names of columns are recognised: %s", locale => {
  const { mentor, organisation, calculator } = wordsOf(locale)
  const names: Record<Column, string> = { ...calculator, mentorId: mentor, organisationId: organisation }
  expect(detectMapping(detectTable([columns.map(column => names[column])]))).toEqual(all)
})

test('the columns of the CSV export are recognised, and computed ones are not imported', () => {
  const [head = []] = parseCells(csvHead)
  const table = detectTable([head])
  const mapping = detectMapping(table)
  expect(Object.fromEntries(columns.map(column => [column, head[mapping[column] ?? -1]]))).toEqual({
    mentorId: 'mentor_id',
    organisationId: 'organisation_id',
    label: 'label',
    currency: 'currency',
    from: 'period_from',
    to: 'period_to',
    sessions: 'sessions',
    avgMinutes: 'avg_minutes',
    costPerSession: 'cost_per_session',
    costPerHour: 'cost_per_hour',
  })
})

test('without a header, columns are recognised by their content, in the order of the form', () => {
  const cells = [
    ['m-1', 'org', 'GBP', '2026-01-01', '31/03/2026', '25', '30', '£3.50', '30'],
    ['m-2', 'org', '', '2026-01-01', '31 March 2026', '25', '30', '1,003.50', '30'],
  ]
  const table = detectTable(cells)
  expect(table).toEqual({ header: null, rows: cells })
  expect(detectMapping(table)).toEqual({
    mentorId: 0,
    organisationId: 1,
    label: null,
    currency: 2,
    from: 3,
    to: 4,
    sessions: 5,
    avgMinutes: 6,
    costPerSession: 7,
    costPerHour: 8,
  })
})

test('an unknown header is still a header, and a known one leaves no other column to guess', () => {
  const strange = detectTable([
    ['Persona', 'Sesiones'],
    ['Ada', '25'],
  ])
  expect(strange.header).toEqual(['Persona', 'Sesiones'])
  expect(detectMapping(strange)).toEqual({ ...none, mentorId: 0, sessions: 1 })
  const known = detectTable([
    ['Mentor', 'Sessions', 'Lunches'],
    ['Ada', '25', '3'],
  ])
  expect(detectMapping(known)).toEqual({ ...none, mentorId: 0, sessions: 1 })
})

test('of several columns with the same name the first is used', () => {
  expect(detectMapping(detectTable([['Mentor', 'Cost', 'Cost (£)']]))).toEqual({
    ...none,
    mentorId: 0,
    costPerSession: 1,
  })
})
