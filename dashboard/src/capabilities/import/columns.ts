import { type Cells, isFilled } from './cells'

/** Fields of a calculation that can be imported. */
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
  'valueSource',
  'low',
  'high',
  'note',
  'externalId',
] as const
export type Column = (typeof columns)[number]

/** For each field, the index of its column in the table, or null if the table has no column for the field. */
export type Mapping = Readonly<Record<Column, number | null>>

/** A table in a sheet, without its blank rows. */
export interface Table {
  /** Index of the header row in the sheet, or null if there is no header row. */
  headerAt: number | null
  header: readonly string[] | null
  rows: Cells
  /** Index of each row in the sheet. */
  indexes: readonly number[]
}

/**
 * Known column names, separated by commas. These are the names in the CSV export and on this page, and names that
 * charities use in English, German and French spreadsheets. Matching ignores case, accents, punctuation and units.
 */
export const knownNames: Record<Column, readonly string[]> = {
  mentorId: [
    'mentor_id, mentor, mentors, mentor name, mentors name, name of mentor, mentor reference, mentor ref, mentor code',
    'volunteer, volunteers, volunteer name, volunteers name, name of volunteer, volunteer id, volunteer ref, volunteer mentor',
    'tutor, tutor name, coach, coach name, befriender, befriender name',
    'Mentorin, Mentor/in, Mentor*in, Mentor:in, Mentor/-in, MentorIn, Mentor/Mentorin, Mentorin/Mentor, Mentor-ID',
    'Mentoren, Mentorinnen, Name Mentor, Name der Mentorin, Name des Mentors, Name Mentor/in, Name der/des Mentor*in',
    'Ehrenamtliche, Ehrenamtlicher, Ehrenamtliche/r, Ehrenamtliche*r, Freiwillige, Freiwilliger, Freiwillige/r',
    'Patin, Pate, Pate/Patin, Name der Ehrenamtlichen, Name des Ehrenamtlichen, Tutorin, Tutor/in',
    'mentore, mentor·e, mentor/mentore, mentorat, nom du mentor, nom de la mentore, nom mentor, nom du ou de la mentor',
    'bénévole, bénévoles, nom du bénévole, nom bénévole, nom de la bénévole, tuteur, tutrice, parrain, marraine',
  ],
  organisationId: [
    'organisation_id, organization_id, organisation, organization, organisation name, organization name, org',
    'organisation ref, charity, charity name, school, school name, name of school, name of organisation, partner',
    'partner organisation, partner school, delivery partner, site, club, academy',
    'Einrichtung, Träger, Verein, Schule, Schulname, Name der Schule, Name der Einrichtung, Partnerschule, Partner',
    'Organisations-ID, Kooperationspartner, Institution, Standort',
    'organisme, association, établissement, école, collège, lycée, nom de l’école, nom de l’organisme, structure',
    'nom de l’association, nom de l’établissement, partenaire',
  ],
  label: [
    'label, name of this calculation, name of calculation, calculation, what was valued, programme, program, project',
    'programme name, program name, project name, title, description, activity, activity name, cohort, group, term',
    'Bezeichnung, Name dieser Berechnung, Name der Berechnung, Was bewertet wurde, Berechnung, Programm, Projekt, Titel',
    'Beschreibung, Programmname, Projektname, Name des Projekts, Aktivität, Gruppe, Maßnahme',
    'libellé, nom de ce calcul, nom du calcul, calcul, objet de l’évaluation, intitulé, projet, titre, désignation',
    'nom du projet, nom du programme, activité, groupe',
  ],
  currency: [
    'currency, currency code, ccy, cur, curr',
    'Währung, Währungscode, Währungskürzel, Whg',
    'devise, monnaie, code devise, code de la devise',
  ],
  from: [
    'period_from, from, first day, first session, first date, first meeting, start, starts, start date, started, begin',
    'begins, beginning, period from, period start, start of period, date from, from date, since, date of first session',
    'von, ab, vom, erster Tag, erstes Treffen, erste Sitzung, Beginn, Anfang, Start, Startdatum, Zeitraum von, Datum von',
    'Beginn des Zeitraums, Beginndatum, Datum des ersten Treffens, von Datum',
    'du, de, depuis, premier jour, première séance, première rencontre, début, date de début, période du, début de période',
    'date du, date début, date de la première séance',
  ],
  to: [
    'period_to, to, until, till, last day, last session, last date, last meeting, end, ends, end date, ended, finish',
    'finish date, period to, period end, end of period, date to, to date, date of last session',
    'bis, bis zum, letzter Tag, letztes Treffen, letzte Sitzung, Ende, Enddatum, Zeitraum bis, Datum bis',
    'Ende des Zeitraums, Datum des letzten Treffens, bis Datum',
    'au, à, jusqu’au, dernier jour, dernière séance, dernière rencontre, fin, date de fin, période au, fin de période',
    'date au, date fin, date de la dernière séance',
  ],
  sessions: [
    'sessions, sessions held, sessions delivered, session count, total sessions, number of sessions, no of sessions',
    'num sessions, no sessions, nr of sessions, sessions total, sessions attended, how many sessions',
    'meetings, number of meetings, no of meetings, meetings held, visits, number of visits, no of visits',
    'Sitzungen, Anzahl Sitzungen, Anzahl der Sitzungen, Anz. Sitzungen, Gehaltene Sitzungen, Sitzungen gesamt',
    'Treffen, Anzahl Treffen, Anzahl der Treffen, Anz. Treffen, Gehaltene Treffen, Treffen gesamt, Termine',
    'Anzahl Termine, Anzahl der Termine, Anzahl, Einheiten',
    'séances, nombre de séances, nb de séances, nb séances, nbre de séances, n° de séances, no de séances, séances tenues',
    'séances réalisées, total des séances, rencontres, nombre de rencontres, nb de rencontres, nb rencontres',
  ],
  avgMinutes: [
    'avg_minutes, mean minutes, average minutes, avg mins, mean length, average length, avg length, length, minutes, mins',
    'duration, average duration, avg duration, mean duration, session length, session duration, length of session',
    'average session length, avg session length, average length of session, average length of a session',
    'minutes per session, mins per session, minutes each, minutes per meeting, length of meeting, meeting length',
    'Mittlere Dauer, Durchschnittliche Dauer, Durchschnittsdauer, Dauer, Ø Dauer, Durchschn. Dauer, mittl. Dauer',
    'Minuten, Minuten pro Treffen, Minuten pro Sitzung, Minuten je Treffen, Minuten je Sitzung, Mittlere Minuten',
    'Dauer pro Treffen, Dauer je Treffen, Dauer pro Sitzung, Dauer je Sitzung, Dauer eines Treffens, Länge',
    'durée moyenne, durée, durée moy., durée par séance, durée d’une séance, durée de la séance, durée des séances',
    'minutes par séance, minutes par rencontre, minutes moyennes, durée par rencontre, durée moyenne d’une séance',
  ],
  costPerSession: [
    'cost_per_session, cost a session, cost of a session, cost of session, cost session, session cost, cost, costs',
    'cost per meeting, cost of a meeting, unit cost, average cost, price per session, spend per session',
    'Kosten pro Sitzung, Kosten je Sitzung, Kosten einer Sitzung, Kosten pro Treffen, Kosten je Treffen',
    'Kosten eines Treffens, Kosten, Kosten pro Termin, Kosten je Termin, Aufwand pro Treffen, Stückkosten',
    'coût par séance, coût d’une séance, coût de la séance, coût séance, coût, coûts, coût par rencontre, coût unitaire',
    'coût d’une rencontre, prix par séance, dépense par séance',
  ],
  costPerHour: [
    'cost_per_hour, value of an hour, value of one hour, value per hour, value an hour, value hour, hourly value',
    'hourly rate, hourly cost, hourly wage, rate per hour, rate, pay rate, wage per hour, cost of an hour, price per hour',
    'replacement cost, replacement rate, worth per hour, worth of an hour, hourly worth',
    'Wert einer Stunde, Wert pro Stunde, Wert je Stunde, Stundenwert, Stundensatz, Stundenlohn, Kosten pro Stunde',
    'Kosten je Stunde, Satz pro Stunde, Lohn pro Stunde, Betrag pro Stunde',
    'valeur d’une heure, valeur de l’heure, valeur par heure, valeur horaire, taux horaire, tarif horaire, coût horaire',
    'salaire horaire, coût par heure, coût d’une heure, prix horaire',
  ],
  valueSource: [
    'value_source, source, sources, source of value, source of the value per hour, source of the value, source of rate',
    'source of hourly rate, source of hourly value, where the value comes from, basis, basis of value, evidence',
    'Quelle, Quellen, Quelle des Werts, Quelle des Stundenwerts, Quelle des Werts pro Stunde, Quelle des Stundensatzes',
    'Quelle für den Wert pro Stunde, Quelle für den Stundensatz, Quelle für den Stundenwert, Herkunft, Grundlage',
    'source de la valeur, source de la valeur par heure, source de la valeur horaire, source du taux, source du taux horaire, origine, provenance',
    'source de la valeur d’une heure, source de la valeur de l’heure, référence de la valeur',
  ],
  low: [
    'cost_per_hour_low, lowest value per hour, lowest value of an hour, lowest hourly value, lowest hourly rate, lowest',
    'low value per hour, minimum value per hour, min value per hour, minimum hourly rate, min hourly rate, low estimate',
    'lowest value, minimum value',
    'Niedrigster Wert pro Stunde, Niedrigster Wert je Stunde, Niedrigster Stundenwert, Mindestwert pro Stunde',
    'Niedrigster Stundensatz, Minimaler Stundensatz, Minimum, Untergrenze, Niedrigster Wert',
    'valeur horaire la plus basse, valeur la plus basse, valeur horaire minimale, valeur minimale, taux horaire minimal',
    'taux horaire minimum, valeur basse, estimation basse, valeur par heure la plus basse',
  ],
  high: [
    'cost_per_hour_high, highest value per hour, highest value of an hour, highest hourly value, highest hourly rate',
    'highest, high value per hour, maximum value per hour, max value per hour, maximum hourly rate, max hourly rate',
    'high estimate, highest value, maximum value',
    'Höchster Wert pro Stunde, Höchster Wert je Stunde, Höchster Stundenwert, Höchstwert pro Stunde',
    'Höchster Stundensatz, Maximaler Stundensatz, Maximum, Obergrenze, Höchster Wert',
    'valeur horaire la plus haute, valeur horaire la plus élevée, valeur la plus haute, valeur la plus élevée',
    'valeur horaire maximale, valeur maximale, taux horaire maximal, taux horaire maximum, valeur haute',
    'estimation haute, valeur par heure la plus élevée, valeur par heure la plus haute',
  ],
  note: [
    'note, notes, assumption, assumptions, comment, comments, remark, remarks, additional information, further information',
    'Notiz, Notizen, Annahme, Annahmen, Anmerkung, Anmerkungen, Bemerkung, Bemerkungen, Kommentar, Kommentare, Hinweis',
    'Hinweise',
    'hypothèse, hypothèses, remarque, remarques, commentaire, commentaires, observation, observations',
  ],
  externalId: [
    'external_id, external identifier, external ref, external reference, id, identifier, uid, uuid, guid, record id',
    'calculation id, crm id, crm ref, crm reference, crm number, crm record id, salesforce id',
    'externe ID, externe Kennung, externe Referenz, Fremd-ID, Kennung, Datensatz-ID, CRM-Nummer, CRM-Kennung',
    'identifiant externe, identifiant, id externe, ID CRM, identifiant CRM, numéro CRM, référence externe',
  ],
}

/** Removes accents and punctuation from a name, and converts it to lower case. */
export const normalizeName = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')

const namesIn = (lists: readonly string[]): string[] =>
  lists.flatMap(names => names.split(', ').map(name => normalizeName(name)))

/**
 * Known names of a column that contains a date or a month. The column provides the period's first day. If no other
 * column provides the last day, this column provides the last day as well.
 */
const periodNames = new Set(
  namesIn([
    'date, session date, date of session, meeting date, date of meeting, month, months, reporting month',
    'Datum, Tag, Datum des Treffens, Monat, Berichtsmonat, jour, date de la séance, date de la rencontre, mois',
  ]),
)

const columnByName = new Map<string, Column>([
  ...columns.flatMap(column => namesIn(knownNames[column]).map(name => [name, column] as const)),
  ...[...periodNames].map(name => [name, 'from'] as const),
])

/** Matches text in brackets, which is usually a unit. */
const brackets = /\([^)]*\)?|\[[^\]]*\]?/g
/** Matches a unit at the end of a column name, such as "Cost in GBP" or "Length, mins". */
const lastUnit = /[\s,;:/-]+(?:in\s+|en\s+)?(?:mins?|minutes?|minuten|[A-Z]{3}|\p{Lu}{0,3}\p{Sc})\.?\s*$/u
/** Matches the separator in a column name that consists of two names, such as "School / organisation". */
const alternatives = /\/|&|\+|\b(?:or|and|oder|und|ou|et)\b/

/**
 * Returns the field that a column name refers to. Tries the full name, then the name without units. Finally, tries the
 * parts of a name such as “School / organisation”, which must all refer to the same field.
 */
function columnOf(name: string): Column | undefined {
  const plain = name.replaceAll(brackets, ' ')
  const known = [name, plain, plain.replace(lastUnit, '')].map(text => columnByName.get(normalizeName(text)))
  const found = known.find(column => column !== undefined)
  if (found) return found
  const [first, ...others] = plain.split(alternatives).map(text => columnByName.get(normalizeName(text)))
  return others.every(column => column === first) ? first : undefined
}

/** Number of non-blank rows that are searched for the header row, which often follows a title. */
const maxHeaderRows = 20

/** Returns the table below the header row. If there is no header row, returns a table of all rows. */
export function tableOf(cells: Cells, headerAt: number | null): Table {
  const indexes = [...cells.keys()].filter(at => at > (headerAt ?? -1) && isFilled(cells[at] ?? []))
  const rows = indexes.map(at => cells[at] ?? [])
  return { headerAt, header: headerAt === null ? null : (cells[headerAt] ?? []), rows, indexes }
}

/** Returns the indexes of the rows that could be the header row. */
export const headerCandidates = (cells: Cells): number[] =>
  [...cells.slice(0, 10 * maxHeaderRows).keys()].filter(at => isFilled(cells[at] ?? [])).slice(0, maxHeaderRows)

export const detectTable = (cells: Cells): Table => tableOf(cells, detectHeader(cells))

/**
 * Finds the header row, which is the candidate with the most known column names, if it has at least two. If there is no
 * such row, the first row that is not a title is the header row if all its names are known, or if it is the only row
 * without figures.
 */
function detectHeader(cells: Cells): number | null {
  const candidates = headerCandidates(cells)
  const knownIn = (at: number): number => new Set(cells[at]?.flatMap(cell => columnOf(cell) ?? [])).size
  const most = Math.max(0, ...candidates.map(knownIn))
  if (most >= 2) return candidates.find(at => knownIn(at) === most) ?? null
  const first = candidates.find(at => !isTitle(cells[at] ?? []))
  if (first === undefined) return null
  const names = (cells[first] ?? []).filter(cell => cell !== '')
  if (names.every(name => columnOf(name) !== undefined)) return first
  const others = tableOf(cells, first).rows.filter(row => !isTitle(row))
  return isUnlike(cells[first] ?? [], others) ? first : null
}

/** Whether only one of a row's cells has text, like a title above a table or a remark below it. */
export const isTitle = (row: readonly string[]): boolean =>
  row.length > 1 && row.filter(cell => cell !== '').length === 1

/** Whether a row is the only one without figures. */
const isUnlike = (row: string[], others: Cells): boolean =>
  !row.some(isFigure) && others.length > 0 && others.every(other => other.some(isFigure))

const isFigure = (cell: string): boolean => /\d/.test(cell) && !/\p{L}{4}/u.test(cell)

/**
 * Finds the column of each field. Uses the column names if any of them is known, otherwise the content of the columns.
 * If several column names refer to the same field, uses the first of these columns that has content.
 */
export function detectMapping(table: Table): Mapping {
  if (!isNamed(table)) return guessMapping(table.rows)
  return mappingBy(column => {
    const [first, ...others] = columnsNamed(table, column)
    return [first, ...others].find(at => at !== undefined && hasContent(table, at)) ?? first ?? null
  })
}

/** Whether a single column contains both the first and the last day of the period. */
export const isOneDateColumn = ({ header }: Pick<Table, 'header'>, { from, to }: Mapping): boolean =>
  to === null && periodNames.has(normalizeName(header?.[from ?? -1] ?? ''))

/**
 * Whether the header contains a known column name. If there is no known name, columns are identified by their content.
 */
export const isNamed = ({ header }: Table): boolean => header?.some(name => columnOf(name) !== undefined) ?? false

/** Returns the indexes of the columns whose names refer to a field. */
const columnsNamed = ({ header }: Table, column: Column): number[] =>
  (header ?? []).flatMap((name, at) => (columnOf(name) === column ? at : []))

const hasContent = ({ rows }: Table, at: number): boolean => rows.some(row => row[at])

/** A question about columns that only the user can answer. */
export type Decision =
  /** A column that has content but an unknown name. */
  | { kind: 'unknown'; at: number }
  /**
   * A field that several columns with content could belong to (`contested`), or a required field without a column
   * (`missing`).
   */
  | { kind: 'contested' | 'missing'; column: Column; options: readonly number[] }

/** Returns the questions about columns that the page could not answer automatically. */
export function findDecisions(table: Table, mapping: Mapping, required: readonly Column[]): Decision[] {
  const filled = (table.header ?? table.rows[0] ?? []).flatMap((_, at) => (hasContent(table, at) ? at : []))
  const contested = columns.flatMap((column): Decision[] => {
    const options = columnsNamed(table, column).filter(at => filled.includes(at))
    return options.length > 1 ? [{ kind: 'contested', column, options }] : []
  })
  const missing = required
    .filter(column => mapping[column] === null)
    .map((column): Decision => ({ kind: 'missing', column, options: filled }))
  const used = new Set(Object.values(mapping))
  // Ask no questions about the remaining columns of a CSV export, which contain results that the server calculated.
  const isExport = table.header?.includes('session_id')
  const unknown = filled
    .filter(at => !isExport && !used.has(at) && columnOf(table.header?.[at] ?? '') === undefined)
    .map((at): Decision => ({ kind: 'unknown', at }))
  return [...missing, ...contested, ...unknown]
}

const mappingBy = (at: (column: Column) => number | null): Mapping =>
  Object.fromEntries(columns.map(column => [column, at(column)])) as Mapping

/** Fields that few tables contain. Such fields are detected only by the names of their columns. */
export const rareColumns: readonly Column[] = ['valueSource', 'low', 'high', 'note', 'externalId']

export type ColumnKind = 'text' | 'currency' | 'date' | 'number'

export const columnKinds = {
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
  valueSource: 'text',
  low: 'number',
  high: 'number',
  note: 'text',
  externalId: 'text',
} as const satisfies Record<Column, ColumnKind>

type ColumnsOf<Kind> = { [C in Column]: (typeof columnKinds)[C] extends Kind ? C : never }[Column]
export type DateColumn = ColumnsOf<'date'>
export type NumberColumn = ColumnsOf<'number'>

const currencies = new Set(Intl.supportedValuesOf('currency'))

function kindOf(cells: string[]): ColumnKind | null {
  const filled = cells.filter(cell => cell !== '')
  const all = (pattern: RegExp): boolean => filled.every(cell => pattern.test(cell))
  if (filled.length === 0) return null
  if (filled.every(cell => currencies.has(cell))) return 'currency'
  if (all(/^(?=.*\d)[-\p{Sc}\d\s.,'’]+$/u) && !all(/^\d+([-./])\d+\1\d+$/)) return 'number'
  return all(/^(\d+([-./])\d+\2\d+|\d{1,2}\.? \p{L}+\.? \d{2,4})$/u) ? 'date' : 'text'
}

/** Number of rows that are examined to guess what kind of value a column contains. */
const sampleRows = 50

/**
 * Maps each field, in the order of the form, to the first unused column that contains a matching kind of value. Skips
 * rare fields.
 */
function guessMapping(rows: Cells): Mapping {
  const some = rows.slice(0, sampleRows)
  const kinds = (rows[0] ?? []).map((_, at) => kindOf(some.map(row => row[at] ?? '')))
  return mappingBy(column => {
    const at = rareColumns.includes(column) ? -1 : kinds.indexOf(columnKinds[column])
    if (at < 0) return null
    kinds[at] = null
    return at
  })
}
