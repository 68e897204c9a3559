import { parseCells } from '../../../dashboard/src/capabilities/import/cells'
import {
  type Column,
  columns,
  detectMapping,
  detectTable,
  findDecisions,
  knownNames,
  normalizeName,
} from '../../../dashboard/src/capabilities/import/columns'
import { isAside } from '../../../dashboard/src/capabilities/import/rows'
import { csvHead } from '../../../src/rest/csv'
import { wordsOf } from '../../support/views'

const all = Object.fromEntries(columns.map((column, at) => [column, at]))
const none = Object.fromEntries(columns.map(column => [column, null]))

test.each([
  [
    'English',
    'Mentor|Organisation|What was valued|Currency|First day|Last day|Sessions held|Mean length (min)|Cost of a session|Value of an hour|Source|Lowest value per hour|Highest value per hour|Assumptions|External id',
  ],
  [
    'English, as it comes',
    'MENTOR|organization|Programme|currency|Start date|End date|No. of sessions|Minutes|Cost per session (£)|Hourly rate|Value source|Min. value per hour|Max. value per hour|Notes|ID',
  ],
  [
    'English, as charities write it',
    'Volunteer|School / organisation|Project name|Ccy|Date from|Date to|# Sessions|Avg length|Cost/session GBP|Rate per hour [£]|Basis|Low estimate|High estimate|Comments|CRM ID',
  ],
  [
    'English, with units',
    'Volunteer’s name|Charity or school|Term|CUR|Start|Finish date|Number of meetings|Average length (min)|Unit cost, GBP|Value (per hour)|Evidence|Lowest hourly rate (£)|Highest hourly rate (£)|Remarks|Salesforce ID',
  ],
  [
    'German',
    'Mentor/in|Einrichtung|Bezeichnung|Währung|Erster Tag|Letzter Tag|Anzahl der Sitzungen|Mittlere Dauer|Kosten je Sitzung [€]|Stundensatz|Quelle|Untergrenze|Obergrenze|Bemerkungen|Externe ID',
  ],
  [
    'German, as charities write it',
    'Ehrenamtliche*r|Schule/Verein|Projekt|Whg.|Zeitraum von|Zeitraum bis|Anz. Treffen|Ø Dauer (Min.)|Kosten in EUR|Wert pro Stunde (€)|Quelle des Stundensatzes|Mindestwert pro Stunde|Höchstwert pro Stunde|Anmerkung|CRM-Nummer',
  ],
  [
    'French',
    'Bénévole|Organisme|Libellé|Devise|Du|Au|Nombre de séances|Durée moyenne|Coût d’une séance|Valeur d’une heure|Source|Valeur minimale|Valeur maximale|Remarques|Identifiant externe',
  ],
  [
    'French, as charities write it',
    'Nom du mentor|École / association|Projet|MONNAIE|Date de début|Date de fin|Nb de rencontres|Durée moy. (min)|Cout unitaire|Taux horaire en EUR|Origine|Estimation basse|Estimation haute|Observations|Identifiant CRM',
  ],
])('columns are recognised by their names in %s', (_, names) => {
  const table = detectTable([names.split('|'), Array(columns.length).fill('1')])
  expect(table.rows).toHaveLength(1)
  expect(detectMapping(table)).toEqual(all)
})

test('an amount per hour in brackets is not the cost of a session', () => {
  expect(detectMapping(detectTable([['Mentor', 'Cost (per session)', 'Cost (per hour)']]))).toEqual({
    ...none,
    mentorId: 0,
    costPerSession: 1,
    costPerHour: 2,
  })
})

test.each(['en-GB', 'de-DE', 'fr-FR'])("this page's own names of columns are recognised: %s", locale => {
  const { mentor, organisation, calculator, import: imports } = wordsOf(locale)
  const names: Record<Column, string> = {
    ...calculator,
    mentorId: mentor,
    organisationId: organisation,
    externalId: imports.externalId,
  }
  expect(detectMapping(detectTable([columns.map(column => names[column])]))).toEqual(all)
})

test('no name is known for two columns', () => {
  const meanings = new Map<string, Column>()
  const twice = columns.flatMap(column =>
    knownNames[column].flatMap(names =>
      names.split(', ').filter(name => {
        const [other, normalized] = [meanings.get(normalizeName(name)), normalizeName(name)]
        meanings.set(normalized, column)
        return other !== undefined && other !== column
      }),
    ),
  )
  expect(twice).toEqual([])
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
    valueSource: 'value_source',
    low: 'cost_per_hour_low',
    high: 'cost_per_hour_high',
    note: 'note',
    externalId: 'external_id',
  })
  expect(findDecisions({ ...table, rows: [head] }, mapping, columns)).toEqual([])
})

test('the header is found below a title and empty rows', () => {
  const row = ['Ada', '25', '3.50']
  const known = [['Mentoring 2026', '', ''], [], ['Draft', '', 'Jo'], ['Mentor', 'Sessions', 'Cost'], row]
  expect(detectTable(known)).toEqual({ headerAt: 3, header: known[3], rows: [row], indexes: [4] })
  const unknown = [['Tutorías', '', ''], [], ['Persona', 'Sesiones', 'Coste'], row, ['provisional', '', '']]
  expect(detectTable(unknown)).toMatchObject({ headerAt: 2, indexes: [3, 4] })
})

test('only the user can decide about unknown columns, columns for the same member, and missing ones', () => {
  const table = detectTable([
    ['Mentor', 'Cost', 'Cost (£)', 'Total cost (£)', 'Sessions', 'Sessions held', 'Unused', 'Rate'],
    ['Ada', '', '3.50', '87.50', '25', '24', '', '30'],
  ])
  const mapping = detectMapping(table)
  expect(mapping).toMatchObject({ costPerSession: 2, sessions: 4 })
  expect(findDecisions(table, mapping, ['mentorId', 'sessions', 'avgMinutes'])).toEqual([
    { kind: 'missing', column: 'avgMinutes', options: [0, 2, 3, 4, 5, 7] },
    { kind: 'contested', column: 'sessions', options: [4, 5] },
    { kind: 'unknown', at: 3 },
  ])
})

test.each([
  ['Total||306|£20.90', true],
  ['Total Northside||306|', true],
  ['Emma Smith Total||306|', true],
  ['|Zwischensumme|306|', true],
  ['Gesamt:||306|20,90', true],
  ['Sous-total||306|', true],
  ['* provisional|||', true],
  ['Mentor|School|Sessions|Cost', true],
  ['Ada|Total Kids|25|3.50', false],
  ['Summer Lee|Northside|25|3.50', false],
  ['|Northside|25|3.50', false],
  ['Ada||25|', false],
])('%s does not look like a calculation: %s', (row, expected) => {
  const header = ['Mentor', 'School', 'Sessions', 'Cost']
  const mapping = detectMapping(detectTable([header, ['Ada', 'Northside', '25', '3.50']]))
  expect(isAside(row.split('|'), mapping, header)).toBe(expected)
})

test('without a header, columns are recognised by their content, in the order of the form', () => {
  const cells = [
    ['m-1', 'org', 'GBP', '2026-01-01', '31/03/2026', '25', '30', '£3.50', '30'],
    ['m-2', 'org', '', '2026-01-01', '31 March 2026', '25', '30', '1,003.50', '30'],
  ]
  const table = detectTable(cells)
  expect(table).toEqual({ headerAt: null, header: null, rows: cells, indexes: [0, 1] })
  expect(detectMapping(table)).toEqual({
    ...none,
    mentorId: 0,
    organisationId: 1,
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
