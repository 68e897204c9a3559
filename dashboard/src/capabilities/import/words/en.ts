import type { Grammar } from '../../../words/grammar'

/** English text of the import view. The text catalogues in other languages have the same structure. */
export const importEn = ({ number, counted }: Grammar) => {
  const rows = (count: number): string => counted(count, { one: 'row', other: 'rows' })
  const calculations = (count: number): string => counted(count, { one: 'calculation', other: 'calculations' })
  /** Lists the first ten row numbers. */
  const listed = (ids: readonly number[]): string =>
    `${ids.slice(0, 10).map(number).join(', ')}${ids.length > 10 ? ' …' : ''}`
  return {
    lead: 'Each row becomes a calculation. Check the rows first: nothing is saved until you press Import.',
    paste: 'Rows from your spreadsheet',
    pasteHint: (most: number) =>
      `Copy the rows with their column names and paste them here, up to ${number(most)} at once.`,
    read: 'Check rows',
    choose: 'Choose an Excel or CSV file',
    template: 'Download a template',
    templateName: 'import-template.csv',
    exampleMentor: 'Sam Taylor (example)',
    exampleOrganisation: 'Northside School',
    exampleCurrency: (): string => 'GBP',
    workbookFaults: {
      encrypted: 'This file has a password. Save it without a password in Excel, and choose it again.',
      old: 'This is an old Excel file (.xls). Save it as .xlsx or CSV, and choose it again.',
      broken: 'We can’t read this file. Save it as .xlsx or CSV in Excel, and choose it again.',
      tooLarge: 'That’s too much to read at once. Copy the rows that you need into a new file.',
    },
    drop: 'or drop a file anywhere on this page',
    whatColumns: 'Columns you can import',
    needed: 'required',
    tooMany: (count: number, most: number) =>
      `There are ${rows(count)}. You can import up to ${rows(most)} at once, so import them in several parts.`,
    tooLong: 'That’s too much to read at once. Paste the rows in several parts.',
    nothing: 'We found no rows. Copy the rows with their column names and paste them here.',
    notText: 'This is not an Excel or CSV file. Copy the rows of the sheet and paste them.',
    noRoom: 'This browser has no space to store the rows while they are sent. Import fewer rows at once.',
    how: 'How we read your rows',
    headers: 'The column names are in',
    headerRow: (row: number, texts: string) => `row ${number(row)}: ${texts}`,
    noHeader: 'no row',
    recognised: (count: number) => `Columns: ${number(count)} recognised`,
    /** Question about a field for which the page found several columns or none. */
    whichColumn: (member: string) => `Which column is “${member}”?`,
    /** Question about a column with an unknown name. */
    whatIs: (letter: string, name: string, example: string) =>
      `What is column ${name === '' ? letter : `“${name}”`}, such as “${example}”?`,
    leaveOut: 'Leave it out',
    column: (letter: string, name: string) => (name === '' ? `Column ${letter}` : `${letter}: ${name}`),
    noColumn: 'Not in my sheet',
    /** Question about the ambiguous dates or numbers of a column. */
    meaning: (column: string, example: string) => `${column}: what does ${example} mean?`,
    /** Label of the select that sets the currency of amounts without a symbol in rows that state no currency. */
    currency: (count: number) =>
      count === 0 ? 'Amounts without a currency are in' : `Amounts without a currency, in ${rows(count)}, are in`,
    externalId: 'External ID',
    /** Shown if an earlier row has the same external id but different content. */
    sharedId: (row: number) =>
      `Row ${number(row)} has this ID, too. Change one of the two IDs, or set “External ID” to “Not in my sheet”.`,
    signMeaning: (sign: string, count: number) => `${sign} in ${rows(count)}: which currency is it?`,
    anotherCurrency: 'Another currency',
    /** Questions about all ambiguous dates or numbers. */
    questions: {
      date: (example: string, count: number) =>
        count === 1
          ? `Which day is ${example}?`
          : `Which day is ${example}? The other ${counted(count - 1, { one: 'date is', other: 'dates are' })} read the same way.`,
      number: (example: string, count: number) =>
        count === 1
          ? `Which number is ${example}?`
          : `Which number is ${example}? The other ${counted(count - 1, { one: 'number is', other: 'numbers are' })} read the same way.`,
    },
    /** Question about numbers in another locale's notation. */
    elsewhere: (count: number) =>
      `${counted(count, { one: 'number is', other: 'numbers are' })} written differently from the others. Is this right?`,
    /** Label of the answer that accepts the numbers. Lists the numbers as written, each with its value. */
    readAs: (texts: readonly (readonly [text: string, value: string])[]) =>
      `Yes: ${texts.map(([text, value]) => `${text} is ${value}`).join(', ')}`,
    day: (field: string) => `${field} must be a date or a month with its year, for example 31 March 2026 or Mar 2026.`,
    waitsForAnswer: 'Needs an answer',
    sameNames: 'Are these the same names?',
    inRows: (count: number) => `(${rows(count)})`,
    knownName: 'known already',
    change: 'Change',
    useName: (name: string, better: string) => `Change ${name} to ${better}`,
    changeAll: (count: number): string => (count === 1 ? 'Change it' : `Change all ${number(count)}`),
    moreNames: (count: number) => `and ${number(count)} more`,
    otherMentor: (mentor: string) => `You can only import for yourself, ${mentor}.`,
    otherOrganisation: (organisation: string) => `You can only import for ${organisation}.`,
    otherCurrency: (currency: string) => `This amount is not in ${currency}, the currency of this row.`,
    sameAs: (row: number) => `Same as row ${number(row)}`,
    leftOut: 'Left out, unless you tick them:',
    duplicateRows: (count: number) =>
      count === 1 ? '1 row that is the same as an earlier row' : `${rows(count)} that are the same as an earlier row`,
    existingRows: (count: number) =>
      count === 1
        ? '1 row that matches a calculation that already exists: same mentor, organisation, period, name and numbers'
        : `${rows(count)} that match calculations that already exist: same mentor, organisation, period, name and numbers`,
    asideRows: (count: number, ids: readonly number[]) =>
      count === 1
        ? `1 row that looks like a total, a heading or a remark: row ${listed(ids)}`
        : `${rows(count)} that look like totals, headings or remarks: rows ${listed(ids)}`,
    looksAside: 'Not a calculation?',
    leftOutReasons: 'Left out:',
    /** Reasons why rows are skipped. */
    reasons: {
      faulty: (count: number) => `${number(count)} to fix`,
      asked: (count: number) => `${number(count)} ${count === 1 ? 'needs' : 'need'} an answer`,
      duplicate: (count: number) => counted(count, { one: 'duplicate', other: 'duplicates' }),
      existing: (count: number) => `${number(count)} already ${count === 1 ? 'exists' : 'exist'}`,
      aside: (count: number) => `${number(count)} not ${count === 1 ? 'a calculation' : 'calculations'}`,
    },
    noneReady: 'No row is ready yet.',
    comparing: 'Looking for calculations that already exist…',
    existing: (count: number) => `Already exists ${number(count)}`,
    alreadyExists: 'Already exists',
    showExisting: (id: number) => `Open the existing calculation that row ${number(id)} matches`,
    uncompared: (count: number) => `Not compared ${number(count)}`,
    uncomparedRows: (count: number) =>
      `We couldn’t compare ${rows(count)} with all existing calculations. Please check yourself whether ${count === 1 ? 'it already exists' : 'they already exist'}.`,
    notCompared: 'Not compared',
    undo: 'Undo this import',
    undoHeading: 'Undo this import?',
    undoWhat: (count: number) =>
      `${calculations(count)} from this import will be deleted for everyone. Calculations that someone has changed since are kept.`,
    /** Shown before an undo if some rows were sent but have no outcome yet. */
    undoUnanswered: (count: number) =>
      `We don’t know yet whether ${rows(count)} ${count === 1 ? 'was' : 'were'} saved. We’ll check, and delete what was saved.`,
    undoKeep: (count: number): string => (count === 1 ? 'Keep it' : 'Keep them'),
    undoProgress: 'Undo progress',
    kept: (count: number) => `Changed since ${number(count)}`,
    changedSince: 'Changed since the import, so not deleted',
    undone: (deleted: number, kept: number) =>
      `${calculations(deleted)} deleted.${kept === 0 ? '' : ` ${number(kept)} changed since the import, so not deleted.`}`,
    shown: 'Show',
    all: (count: number) => `All ${number(count)}`,
    ready: (count: number) => `Ready ${number(count)}`,
    faulty: (count: number) => `Needs fixing ${number(count)}`,
    duplicate: (count: number) => `Duplicate ${number(count)}`,
    asked: (count: number) => `Needs an answer ${number(count)}`,
    aside: (count: number) => `Not calculations ${number(count)}`,
    refused: (count: number) => `Not accepted ${number(count)}`,
    /** `detail` is the server's message, in English. */
    refusedCell: (column: string, detail: string) => `${column} was not accepted: ${detail}`,
    /** Messages for refused rows, keyed by the server's error code. */
    refusals: {
      external_id_taken: 'Another calculation with different content has this ID.',
      limit_reached: 'This mentor has as many calculations as this server allows. Delete one first.',
      payload_too_large: 'This row is too long. Shorten its text.',
    },
    showHolder: (id: number) => `Open the calculation that has the ID of row ${number(id)}`,
    done: (count: number) => `Imported ${number(count)}`,
    noneShown: 'No rows here.',
    allFixed: 'All fixed.',
    rows: 'Rows',
    row: (id: number) => `Row ${number(id)}`,
    cell: (column: string, id: number) => `${column}, row ${number(id)}`,
    skip: 'Skip',
    skipRow: (id: number) => `Skip row ${number(id)}`,
    page: (page: number, pages: number) => `Page ${number(page)} of ${number(pages)}`,
    earlier: 'Previous rows',
    later: 'Next rows',
    sending: 'Sending…',
    unanswered: 'No answer yet',
    unansweredHint:
      'This row may already have been imported. If you continue, we check first, so it is never imported twice.',
    show: 'Open',
    showRow: (id: number) => `Open the calculation of row ${number(id)}`,
    /** `leftOut` is the number of rows that are skipped. */
    begin: (count: number, leftOut: number) =>
      leftOut === 0 ? `Import ${rows(count)}` : `Import ${number(count)}, leave out ${number(leftOut)}`,
    goOn: (count: number, leftOut: number) =>
      leftOut === 0 ? `Continue with ${rows(count)}` : `Continue with ${number(count)}, leave out ${number(leftOut)}`,
    stop: 'Stop',
    stopping: { import: 'Stopping after the rows that are being sent…', undo: 'Stopping…' },
    waits: 'The server is busy, or we can’t reach it. This continues automatically.',
    progress: 'Import progress',
    progressOf: (settled: number, of: number) => `${number(settled)} of ${rows(of)}`,
    discard: 'Discard',
    another: 'Import more rows',
    discardHeading: 'Discard these rows?',
    discardWhat: (count: number) => `${rows(count)} ${count === 1 ? 'is' : 'are'} not imported yet.`,
    keep: 'Keep them',
    announcedRead: (ready: number, left: number) => `${rows(ready)} ready, ${number(left)} to fix.`,
    announcedBegun: (count: number) => `Importing ${rows(count)}.`,
    announcedPart: (settled: number, of: number) => `${number(settled)} of ${number(of)}.`,
    announcedEnded: (done: number, left: number) =>
      left === 0 ? `${calculations(done)} imported.` : `${calculations(done)} imported, ${rows(left)} left.`,
  }
}
