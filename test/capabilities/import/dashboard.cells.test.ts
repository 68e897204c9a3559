import fc from 'fast-check'
import { maxColumns, parseCells, parseHtmlCells, parseRecords } from '../../../dashboard/src/capabilities/import/cells'

test.each([
  [
    'Excel',
    'Mentor\tCost\r\nAda\t3.50\r\n',
    [
      ['Mentor', 'Cost'],
      ['Ada', '3.50'],
    ],
  ],
  [
    'Numbers',
    'Mentor\tCost\nAda\t3.50',
    [
      ['Mentor', 'Cost'],
      ['Ada', '3.50'],
    ],
  ],
  [
    'an old Excel of a Mac',
    'Mentor\tCost\rAda\t3.50\r',
    [
      ['Mentor', 'Cost'],
      ['Ada', '3.50'],
    ],
  ],
  [
    'a CSV file with a byte order mark',
    '\uFEFFMentor,Cost\r\nAda,3.50\r\n',
    [
      ['Mentor', 'Cost'],
      ['Ada', '3.50'],
    ],
  ],
  [
    'a CSV file of a German Excel',
    'Mentor;Kosten\r\nAda;3,50\r\n',
    [
      ['Mentor', 'Kosten'],
      ['Ada', '3,50'],
    ],
  ],
  [
    'one without names',
    'Ada;3,50\nBo;4,50\n',
    [
      ['Ada', '3,50'],
      ['Bo', '4,50'],
    ],
  ],
  [
    'cells with commas',
    'Lovelace, Ada\t3\nByron, A., Lord\t4',
    [
      ['Lovelace, Ada', '3'],
      ['Byron, A., Lord', '4'],
    ],
  ],
  ['cells with line endings and tabs', '"Spring\r\n2026"\t"a\tb"\t3', [['Spring\n2026', 'a b', '3']]],
  ['cells with quotation marks', '"say ""hi"""\t5" pipe\t3', [['say "hi"', '5" pipe', '3']]],
  [
    'a cell that only begins with one',
    '"Hi" there\t3\nBo\t4',
    [
      ['"Hi" there', '3'],
      ['Bo', '4'],
    ],
  ],
  [
    'one that never ends',
    '"Hi\t3\nBo\t4',
    [
      ['"Hi', '3'],
      ['Bo', '4'],
    ],
  ],
  ['rows and columns of nothing', '\t\t\nAda\t 3 \t\n\n\t\t\nBo\t\t\n', [[], ['Ada', '3'], [], [], ['Bo', '']]],
  [
    'a CSV file with a title above the table',
    'Mentoring 2026\n\nMentor;Kosten\nAda;3,50\n',
    [['Mentoring 2026', ''], [], ['Mentor', 'Kosten'], ['Ada', '3,50']],
  ],
  ['a single column', 'Ada\nBo\n', [['Ada'], ['Bo']]],
  [
    'rows of different widths',
    'a,b,c\nd\n',
    [
      ['a', 'b', 'c'],
      ['d', '', ''],
    ],
  ],
  ['nothing', ' \r\n', []],
])('the cells of %s', (_, text, cells) => {
  expect(parseCells(text)).toEqual(cells)
})

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`
const written = (rows: string[][], delimiter: string, needs: (cell: string) => boolean): string =>
  rows.map(row => row.map(cell => (needs(cell) ? quoted(cell) : cell)).join(delimiter)).join('\r\n')

const cell = fc.oneof(
  fc.string({ unit: fc.constantFrom('"', '\t', ',', ';', '\n', '\r', ' ', 'a', '1') }),
  fc.string({ unit: 'grapheme' }),
)
const rows = (of: fc.Arbitrary<string>, minLength = 1) =>
  fc.integer({ min: minLength, max: 5 }).chain(width => fc.array(fc.tuple(...Array(width).fill(of)), { minLength: 1 }))

test.each(['\t', ';', ','] as const)(
  'any cells survive a round trip through a text with the separator %j',
  delimiter => {
    const marks = [delimiter, '"', '\r', '\n']
    const needs = (cell: string): boolean => marks.some(mark => cell.includes(mark))
    fc.assert(
      fc.property(rows(cell) as fc.Arbitrary<string[][]>, rows => {
        expect([...parseRecords(written(rows, delimiter, needs), delimiter)]).toEqual(rows)
      }),
    )
  },
)

test.each([
  ['\t', /[\t"]/, [',', ';']],
  [';', /[;"]/, [',', ';']],
  [',', /[,"]/, [',']],
])('the separator is detected: %j', (delimiter, needs, marks) => {
  const printed = fc.string({ unit: fc.constantFrom(...marks, '"', 'a', '1', 'é', '𝕏'), minLength: 1 })
  fc.assert(
    fc.property(rows(printed, 2) as fc.Arbitrary<string[][]>, rows => {
      expect(parseCells(written(rows, delimiter, cell => needs.test(cell)))).toEqual(rows)
    }),
  )
})

test('a text full of quotation marks is read in linear time', () => {
  const text = '"a\t""b\n'.repeat(100_000) // quadratic time would outlast the test
  expect(parseCells(text)).toHaveLength(100_000)
})

test('a row has a maximum number of columns', () => {
  expect(parseCells('a\t'.repeat(maxColumns + 50))[0]).toHaveLength(maxColumns)
})

test.each([
  [
    'a table',
    '<table><tr><th>Mentor<th>Cost</tr><tr><td>Ada</td><td>3.50</td></tr></table>',
    [
      ['Mentor', 'Cost'],
      ['Ada', '3.50'],
    ],
  ],
  [
    'a spreadsheet',
    '<meta charset="utf-8"><style>td { a: "<td>" }</style><table><tbody><tr style="x"><td colspan=2>Ada &amp; Bo&nbsp;</td><td>a<br>b</td></tr></tbody></table>',
    [['Ada & Bo', '', 'a b']],
  ],
  ['signs by their numbers', '<table><tr><td>&#233;&#x1F600;&lt;b&gt;<td>&bogus;</table>', [['é😀<b>', '&bogus;']]],
  ['the first of several tables', '<table><tr><td>1</table><table><tr><td>2</table>', [['1']]],
  ['no table', '<p>Ada 3.50</p>', []],
])('the cells of %s in HTML', (_, html, cells) => {
  expect(parseHtmlCells(html)).toEqual(cells)
})
