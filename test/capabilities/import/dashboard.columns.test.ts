import { parseCells } from '../../../dashboard/src/capabilities/import/cells'
import {
  type Column,
  columns,
  detectMapping,
  detectTable,
  knownNames,
  normalizeName,
} from '../../../dashboard/src/capabilities/import/columns'
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
})

test('without a header, columns are recognised by their content, in the order of the form', () => {
  const cells = [
    ['m-1', 'org', 'GBP', '2026-01-01', '31/03/2026', '25', '30', '£3.50', '30'],
    ['m-2', 'org', '', '2026-01-01', '31 March 2026', '25', '30', '1,003.50', '30'],
  ]
  const table = detectTable(cells)
  expect(table).toEqual({ header: null, rows: cells })
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
