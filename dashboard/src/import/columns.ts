import type { Cells } from './cells'

/** Members of a calculation, with the names that the server uses in faults. */
export const columns = [
  'mentorId',
  'organisationId',
  'label',
  'currency',
  'from',
  'to',
  'sessions',
  'avgMinutes',
  'costPerSession',
  'costPerHour',
] as const
export type Column = (typeof columns)[number]

/** Index of each member's column in the table, null if there is none. */
export type Mapping = Readonly<Record<Column, number | null>>

/** A table. `head` is its first row if that names the columns. */
export interface Table {
  header: readonly string[] | null
  rows: Cells
}

/** Known names of the columns: those of the CSV export, English, German and French. */
const knownNames: Record<Column, readonly string[]> = {
  mentorId: [
    ...['mentor_id', 'mentor', 'mentor name', 'name of mentor', 'volunteer'],
    ...['Mentorin', 'Mentor/in', 'Mentor/-in', 'Mentor/Mentorin', 'Mentorin/Mentor', 'Ehrenamtliche'],
    ...['mentore', 'mentor·e', 'mentor/mentore', 'bénévole'],
  ],
  organisationId: [
    ...['organisation_id', 'organization_id', 'organisation', 'organization', 'charity', 'school'],
    ...['Einrichtung', 'Träger', 'Verein', 'Schule'],
    ...['organisme', 'association', 'établissement', 'école'],
  ],
  label: [
    ...[
      'label',
      'name of this calculation',
      'name of calculation',
      'what was valued',
      'programme',
      'program',
      'project',
      'title',
      'description',
    ],
    ...[
      'Bezeichnung',
      'Name dieser Berechnung',
      'Name der Berechnung',
      'Was bewertet wurde',
      'Programm',
      'Projekt',
      'Titel',
      'Beschreibung',
    ],
    ...[
      'libellé',
      'nom de ce calcul',
      'nom du calcul',
      'objet de l’évaluation',
      'intitulé',
      'projet',
      'titre',
      'désignation',
    ],
  ],
  currency: ['currency', 'currency code', 'Währung', 'devise', 'monnaie'],
  from: [
    ...['period_from', 'from', 'first day', 'start', 'start date', 'begin', 'period from', 'since'],
    ...['von', 'ab', 'erster Tag', 'Beginn', 'Anfang', 'Startdatum', 'Zeitraum von'],
    ...['du', 'de', 'premier jour', 'début', 'date de début', 'période du'],
  ],
  to: [
    ...['period_to', 'to', 'until', 'last day', 'end', 'end date', 'period to'],
    ...['bis', 'letzter Tag', 'Ende', 'Enddatum', 'Zeitraum bis'],
    ...['au', 'à', 'dernier jour', 'fin', 'date de fin', 'période au'],
  ],
  sessions: [
    ...['sessions', 'sessions held', 'number of sessions', 'no of sessions', 'meetings'],
    ...[
      'Sitzungen',
      'Anzahl Sitzungen',
      'Anzahl der Sitzungen',
      'Gehaltene Sitzungen',
      'Treffen',
      'Anzahl Treffen',
      'Anzahl der Treffen',
    ],
    ...['séances', 'nombre de séances', 'séances tenues', 'rencontres', 'nombre de rencontres'],
  ],
  avgMinutes: [
    ...['avg_minutes', 'mean minutes', 'average minutes', 'mean length', 'average length', 'minutes', 'duration'],
    ...[
      'Mittlere Dauer',
      'Durchschnittliche Dauer',
      'Minuten',
      'Minuten pro Treffen',
      'Minuten pro Sitzung',
      'Dauer',
      'Mittlere Minuten',
    ],
    ...['durée moyenne', 'durée', 'minutes par séance', 'minutes moyennes'],
  ],
  costPerSession: [
    ...['cost_per_session', 'cost a session', 'cost of a session', 'session cost', 'cost'],
    ...[
      'Kosten pro Sitzung',
      'Kosten je Sitzung',
      'Kosten einer Sitzung',
      'Kosten pro Treffen',
      'Kosten je Treffen',
      'Kosten eines Treffens',
      'Kosten',
    ],
    ...['coût par séance', 'coût d’une séance', 'coût de la séance', 'coût'],
  ],
  costPerHour: [
    ...['cost_per_hour', 'value of an hour', 'value per hour', 'value an hour', 'hourly value', 'hourly rate'],
    ...['Wert einer Stunde', 'Wert pro Stunde', 'Stundenwert', 'Stundensatz'],
    ...['valeur d’une heure', 'valeur de l’heure', 'valeur par heure', 'valeur horaire', 'taux horaire'],
  ],
}

/** Normalizes a name: without case, accents, signs, and anything after an opening bracket. */
const normalizeName = (name: string): string =>
  name
    .replace(/[([].*$/, '')
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')

const columnOf = new Map(
  columns.flatMap(column => knownNames[column].map(name => [normalizeName(name), column] as const)),
)

/**
 * Returns the table in pasted cells. The first row is its head if it has two known names or only known names, or if it
 * is the only row without figures.
 */
export function detectTable(cells: Cells): Table {
  const [first = [], ...rest] = cells
  const filled = first.filter(cell => cell !== '')
  const known = new Set(filled.flatMap(cell => columnOf.get(normalizeName(cell)) ?? []))
  const isHead = known.size >= 2 || (known.size > 0 && known.size === filled.length) || isUnlike(first, rest)
  return isHead ? { header: first, rows: rest } : { header: null, rows: cells }
}

/** Returns whether the first row has no figures and all others have some. */
const isUnlike = (first: string[], rest: Cells): boolean =>
  !first.some(isFigure) && rest.length > 0 && rest.every(row => row.some(isFigure))

const isFigure = (cell: string): boolean => /\d/.test(cell) && !/\p{L}{4}/u.test(cell)

/** Finds the column of each member: by name if any name is known, otherwise by content. */
export function detectMapping({ header, rows }: Table): Mapping {
  const columnsByHeader = header?.map(name => columnOf.get(normalizeName(name)))
  const isNamed = columnsByHeader?.some(column => column !== undefined)
  const at = (column: Column): number | null => {
    const index = columnsByHeader?.indexOf(column) ?? -1
    return index < 0 ? null : index
  }
  return isNamed ? mappingBy(at) : guessMapping(rows)
}

const mappingBy = (at: (column: Column) => number | null): Mapping =>
  Object.fromEntries(columns.map(column => [column, at(column)])) as Mapping

export type ColumnKind = 'text' | 'currency' | 'date' | 'number'

export const columnKinds: Record<Column, ColumnKind> = {
  mentorId: 'text',
  organisationId: 'text',
  label: 'text',
  currency: 'currency',
  from: 'date',
  to: 'date',
  sessions: 'number',
  avgMinutes: 'number',
  costPerSession: 'number',
  costPerHour: 'number',
}

const currencies = new Set(Intl.supportedValuesOf('currency'))

function kindOf(cells: string[]): ColumnKind | null {
  const filled = cells.filter(cell => cell !== '')
  const all = (pattern: RegExp): boolean => filled.every(cell => pattern.test(cell))
  if (filled.length === 0) return null
  if (filled.every(cell => currencies.has(cell))) return 'currency'
  if (all(/^(?=.*\d)[-\p{Sc}\d\s.,'’]+$/u) && !all(/^\d+([-./])\d+\1\d+$/)) return 'number'
  return all(/^(\d+([-./])\d+\2\d+|\d{1,2}\.? \p{L}+\.? \d{2,4})$/u) ? 'date' : 'text'
}

/** Number of rows from which the kind of a column is guessed. */
const sampleRows = 50

/** Maps each member, in the order of the form, to the first unused column of the same kind. */
function guessMapping(rows: Cells): Mapping {
  const some = rows.slice(0, sampleRows)
  const kinds = (rows[0] ?? []).map((_, at) => kindOf(some.map(row => row[at] ?? '')))
  return mappingBy(column => {
    const at = kinds.indexOf(columnKinds[column])
    if (at < 0) return null
    kinds[at] = null
    return at
  })
}
