import fc from 'fast-check'
import { parseCells, parseRecords } from '../../../dashboard/src/capabilities/import/cells'
import { detectMapping, detectTable } from '../../../dashboard/src/capabilities/import/columns'
import { textsOf } from '../../../dashboard/src/capabilities/import/rows'
import { csvHead, csvRows } from '../../../src/rest/csv'
import { examples } from '../../../src/rest/description/examples'
import type { ExportedSession } from '../../../src/sessions/session-queries'

interface Texts {
  mentor_id: string
  label: string
  note: string
}

/** Returns a file of two sessions with these texts. The values per hour of one are a range. */
function fileOf({ mentor_id, label, note }: Texts): string {
  const { result, ...session } = examples.exported
  if (!result) throw new Error('the example has no result')
  const inputs = { ...result.inputs, label, note }
  const row: ExportedSession = { ...session, mentor_id, result: { ...result, inputs } }
  return csvHead + csvRows([row, { ...row, mentor_id: 'other' }])
}

const textOf = (...units: string[]) =>
  fc
    .string({ unit: fc.constantFrom('a', '=', '-', '＝', ';', ',', "'", '"', ' ', ...units), maxLength: 12 })
    .map(text => `${text.trim()}.`)
const texts = fc.record({ mentor_id: textOf(), label: textOf(), note: textOf('\n') })

test('the import reads the texts of a CSV export as they were', () => {
  fc.assert(
    fc.property(texts, of => {
      const table = detectTable(parseCells(fileOf(of)))
      const read = textsOf(table.rows[0] ?? [], detectMapping(table))
      expect(read).toMatchObject({ mentorId: of.mentor_id, label: of.label, note: of.note })
    }),
  )
})

const isNumber = (cell: string): boolean => /^-?[\d.]+$/.test(cell)
const runs = (cell: string): boolean => /^[\s"]*[=+\-@＝]/.test(cell) && !isNumber(cell)

test.each([',', ';', '\t'] as const)('no cell of a CSV export is a formula if %j separates', delimiter => {
  fc.assert(
    fc.property(texts, of => {
      const file = fileOf(of).slice(1)
      const cells = [...parseRecords(file, delimiter)].flat()
      expect(cells.filter(runs)).toEqual([])
      // Even if the spreadsheet takes no quotation marks into account.
      if (delimiter !== ',') expect(file.split(new RegExp(`[\r\n${delimiter}]`)).filter(runs)).toEqual([])
    }),
  )
})
