const schools = ['Northside School', 'Harbour Academy', 'St. Anne’s']
const mentors = [
  'Emma Smith',
  'Luca Brown',
  'José García',
  'Priya Patel',
  'Zoë Baker',
  'Tom O’Brien',
  'Aisha Khan',
  'Ben Carter',
]

/** Names of mentors as they are mistyped in some rows, by the number of the row. */
const mistyped: Record<number, string> = {
  16: 'emma smith ',
  48: 'emma smith',
  80: 'emma  smith ',
  18: 'Jose Garcia',
  55: 'BEN CARTER',
}

/** How the same day is written in different rows. */
const written: ((day: string, month: string) => string)[] = [
  (day, month) => `${day}/${month}/2026`,
  (day, month) => `2026-${month}-${day}`,
  (day, month) => `${Number(day)} ${month === '01' ? 'Jan' : 'March'} 2026`,
  (day, month) => `${Number(day)}.${Number(month)}.26`,
]

/** Cells that a person has to correct, by the number of the row: index of the cell, and its text. */
const faulty: Record<number, [at: number, text: string]> = {
  9: [4, 'n/a'],
  33: [5, '1500'],
  61: [3, '05/01/2025'],
  77: [7, ''],
  101: [4, '12.5'],
}

export const messyRows = 120
/** Rows that are a copy of the one before. */
const copied = [12, 30, 31, 66, 90, 115]

export interface MessyRow {
  mentor: string
  school: string
  cells: string[]
}

/** Returns the rows of the table in the middle of the sheet. */
function rows(): MessyRow[] {
  const made: MessyRow[] = []
  for (let at = 0; at < messyRows; at++) {
    const before = made.at(-1)
    if (copied.includes(at) && before) {
      made.push(before)
      continue
    }
    const school = schools[Math.floor(at / 40)] ?? ''
    const mentor = mistyped[at] ?? mentors[at % mentors.length] ?? ''
    const write = written[at % written.length] ?? (day => day)
    const sign = at % 6 === 5 ? '$' : at % 3 === 0 ? '£' : ''
    const cost = at % 24 === 10 ? '1.234,50' : `${sign}${(4 + (at % 9) * 0.75).toFixed(2)}`
    const day = String(12 + (at % 5)).padStart(2, '0')
    const from = write(at % 7 === 0 ? '08' : day, '01')
    const cells = [mentor, school, from, write('27', '03'), String(6 + (at % 20)), at % 2 ? '45' : '60 min', cost]
    cells.push(`${sign}${22 + (at % 6)}`, at % 10 === 3 ? 'Met in the library, mostly' : '', `07700 900${100 + at}`)
    const fault = faulty[at]
    if (fault) cells[fault[0]] = fault[1]
    made.push({ mentor, school, cells })
  }
  return made
}

/**
 * Returns the cells of a sheet as people keep them: a title, an empty row, headers in mixed wording, subtotals, a total and
 * a remark at the end, dates and numbers in several notations, trailing spaces, duplicates, and a few faults.
 */
export function messySheet(): string[][] {
  const width = 10
  const padded = (...cells: string[]): string[] => [...cells, ...Array(width - cells.length).fill('')]
  const head = ['Mentor name', 'School', 'From', 'Until', 'No. of sessions', 'Avg length (mins)', 'Cost / session']
  const body = rows().flatMap(({ school, cells }, at): string[][] => {
    if (at % 40 !== 39) return [cells]
    return [cells, padded(`Subtotal ${school}`, '', '', '', '612', '', '£418.00')]
  })
  return [
    padded('Mentoring 2025/26: all schools (draft)'),
    padded(),
    [...head, 'Hourly value', 'Comments', 'Phone'],
    ...body,
    padded('Total', '', '', '', '1836', '', '£1,254.00'),
    padded(),
    padded('* Harbour Academy is provisional'),
  ]
}

export const tabSeparated = (cells: readonly string[][]): string => cells.map(row => row.join('\t')).join('\n')
