import { strToU8, unzipSync, Zip, ZipDeflate, zipSync } from 'fflate'
import { maxCharacters } from '../../../dashboard/src/capabilities/import/cells'
import { formatOf, maxUnpackedBytes, readWorkbook } from '../../../dashboard/src/capabilities/import/xlsx'
import { cell, rowOf, stylesOf, workbook } from '../../support/workbook'

const faultOf = (bytes: Uint8Array): Promise<string> =>
  readWorkbook(bytes, '.').then(
    () => 'none',
    error => error.fault,
  )

test.each([
  ['0.1', '0.1'],
  ['3.2999999999999998', '3.3'],
  ['1.1000000000000001', '1.1'],
  ['999999.9999', '999999.9999'],
  ['1E3', '1000'],
  ['-8.25', '-8.25'],
  ['25', '25'],
])('the number %s of a file is the text %s', async (stored, text) => {
  expect(await readWorkbook(workbook({ sheet: rowOf(cell(stored)) }), '.')).toEqual([[text]])
  expect(await readWorkbook(workbook({ sheet: rowOf(cell(stored)) }), ',')).toEqual([[text.replace('.', ',')]])
})

test('texts are read, shared or in their cell, with all their parts but no phonetic reading', async () => {
  const shared =
    '<si><t>Ada &amp; Bo</t></si><si><r><t xml:space="preserve">Year </t></r><r><t>9</t></r><rPh><t>x</t></rPh></si><si><t>a_x000D_\nb</t></si>'
  const cells = [
    ...['0', '1', '2'].map(at => cell(at, 't="s"')),
    '<c t="inlineStr"><is><t>Inside</t></is></c>',
    cell('Computed', 't="str"'),
    cell('1', 't="b"'),
    cell('#N/A', 't="e"'),
  ]
  const read = await readWorkbook(workbook({ sheet: rowOf(...cells), shared }), '.')
  expect(read).toEqual([['Ada & Bo', 'Year 9', 'a\nb', 'Inside', 'Computed', 'TRUE', '#N/A']])
})

test('cells and rows have their places', async () => {
  const sheet = `<row r="3">${cell('1', 'r="B3"')}${cell('2', 'r="AA3"')}</row><row r="4"><c r="A4" s="1"/></row>
    <row r="9">${cell('3', 'r="A9"')}</row>`
  const rows = await readWorkbook(workbook({ sheet }), '.')
  const first = rows[2] ?? []
  expect([first[1], first[26], first.length]).toEqual(['1', '2', 27])
  expect(rows.toSpliced(2, 1)).toEqual([[], [], [], [], [], [], [], ['3', ...Array(26).fill('')]])
})

test('dates are dates and times are times, by their formats', async () => {
  const styles = stylesOf(14, 'dd/mm/yyyy', '[$-407]d. mmmm yyyy;@', 22, '[h]:mm', 'h:mm AM/PM')
  const cells = [46_112, 46_112, 46_112, 46_112.75, 1.0625, 0.03125].map((value, at) =>
    cell(`${value}`, `s="${at + 1}"`),
  )
  const dates = ['2026-03-31', '2026-03-31', '2026-03-31', '2026-03-31', '25:30', '0:45']
  expect(await readWorkbook(workbook({ sheet: rowOf(...cells), styles }), '.')).toEqual([dates])
})

test('the first day of a month is that month if its format shows no day', async () => {
  const styles = stylesOf(17, 'mmmm yyyy', 'mmm yy', 'dd/mm/yyyy')
  const cells = [46_082, 46_082, 46_112, 46_082].map((value, at) => cell(`${value}`, `s="${at + 1}"`))
  const months = ['2026-03', '2026-03', '2026-03-31', '2026-03-01']
  expect(await readWorkbook(workbook({ sheet: rowOf(...cells), styles }), '.')).toEqual([months])
})

test('dates may count from 1904, or be in ISO 8601', async () => {
  const parts = { sheet: rowOf(cell('44650', 's="1"')), styles: stylesOf(14) }
  const properties = '<workbookPr date1904="1"/>'
  expect(await readWorkbook(workbook({ ...parts, properties }), '.')).toEqual([['2026-03-31']])
  const iso = rowOf(cell('2026-03-31T00:00:00', 't="d"'))
  expect(await readWorkbook(workbook({ sheet: iso }), '.')).toEqual([['2026-03-31T00:00:00']])
})

test.each([
  ['General', 'number', ''],
  ['#,##0.00', 'number', ''],
  ['"£"#,##0.00', 'number', '£'],
  ['[$£-809]#,##0.00;[Red]-[$£-809]#,##0.00', 'number', '£'],
  ['#,##0.00\\ [$€-407]', 'number', '€'],
  ['_-* #,##0.00\\ "€"_-', 'number', '€'],
  ['[$CHF-807]\\ #,##0.00', 'number', 'CHF'],
  ['[$US$-409]#,##0', 'number', 'US$'],
  ['0" min"', 'number', ''],
  ['0 "MIN"', 'number', ''],
  ['[Red]0.0E+00', 'number', ''],
  ['mmm yy', 'month', ''],
  ['mmmm', 'month', ''],
  ['yyyy\\-mm\\-dd\\ hh:mm', 'date', ''],
  ['mm:ss', 'time', ''],
  ['[mm]:ss', 'time', ''],
])('the format %s is of a %s with the currency "%s"', (code, kind, currency) => {
  expect(formatOf(code)).toEqual({ kind, currency })
})

test('an amount has the currency sign of its format', async () => {
  const sheet = rowOf(cell('3.5', 's="1"'), cell('12', 's="2"'))
  const styles = stylesOf('"£"#,##0.00', '#,##0.00 [$€-407]')
  expect(await readWorkbook(workbook({ sheet, styles }), '.')).toEqual([['£ 3.5', '€ 12']])
})

test('the first visible sheet with cells is read, whatever the prefix of its elements', async () => {
  const sheets = `<sheet name="Secret" state="hidden" sheetId="3" r:id="rId3"/>
    <sheet name="Empty" sheetId="1" r:id="rId1"/><sheet name="Data" sheetId="2" r:id="rId2"/>`
  const hidden = `<worksheet><sheetData>${rowOf(cell('1'))}</sheetData></worksheet>`
  const data =
    '<x:worksheet xmlns:x="x"><x:sheetData><x:row><x:c><x:v>2</x:v></x:c></x:row></x:sheetData></x:worksheet>'
  const more = { 'xl/worksheets/sheet2.xml': data, 'xl/worksheets/sheet3.xml': hidden }
  expect(await readWorkbook(workbook({ sheets, more }), '.')).toEqual([['2']])
  expect(await readWorkbook(workbook({}), '.')).toEqual([])
})

test('a workbook needs neither shared texts nor styles', async () => {
  const files = unzipSync(workbook({ sheet: rowOf(cell('1')) }), {
    filter: ({ name }) => !/sharedStrings|styles/.test(name),
  })
  expect(await readWorkbook(zipSync(files), '.')).toEqual([['1']])
})

test('files of an archive may be stored, or state their size only at their end', async () => {
  const files = unzipSync(workbook({ sheet: rowOf(cell('1'), cell('2')) }))
  expect(await readWorkbook(zipSync(files, { level: 0 }), '.')).toEqual([['1', '2']])
  const pieces: Uint8Array[] = []
  const archive = new Zip((_, piece) => pieces.push(piece))
  for (const [name, bytes] of Object.entries(files)) {
    const file = new ZipDeflate(name)
    archive.add(file)
    file.push(bytes, true)
  }
  archive.end()
  expect(await readWorkbook(Buffer.concat(pieces), '.')).toEqual([['1', '2']])
})

const compound = (stream: string): Uint8Array =>
  Buffer.concat([Buffer.from([0xd0, 0xcf, 0x11, 0xe0]), Buffer.alloc(1_020), Buffer.from(stream, 'utf16le')])
const whole = workbook({ sheet: rowOf(cell('1')) })

test.each([
  ['with a password', compound('EncryptedPackage'), 'encrypted'],
  ['of an old Excel', compound('Workbook'), 'old'],
  ['that is cut off', whole.slice(0, whole.length / 3), 'broken'],
  ['with damaged data', whole.map((byte, at) => (at > 60 && at < 900 ? byte ^ 0x5a : byte)), 'broken'],
  ['with malformed XML', workbook({ sheet: '<row><c><v>1</c>' }), 'broken'],
  ['of another kind', zipSync({ 'content.xml': strToU8('<office/>') }), 'broken'],
])('a file %s is refused', async (_, bytes, fault) => {
  expect(await faultOf(bytes)).toBe(fault)
})

test('a file that unpacks to more than the maximum is refused, even if it says otherwise', async () => {
  const bomb = workbook({ sheet: ' '.repeat(maxUnpackedBytes) })
  expect(bomb.length).toBeLessThan(100_000)
  expect(await faultOf(bomb)).toBe('tooLarge')
  const lying = new DataView(bomb.slice().buffer)
  // Both headers of a file state its size (APPNOTE.TXT 4.3.7 and 4.3.12).
  for (let at = 0; at < lying.byteLength - 46; at++) {
    if (lying.getUint32(at, true) === 0x04034b50) lying.setUint32(at + 22, 10, true)
    if (lying.getUint32(at, true) === 0x02014b50) lying.setUint32(at + 24, 10, true)
  }
  expect(await faultOf(new Uint8Array(lying.buffer))).toBe('tooLarge')
})

test('a long text that many cells share is refused', async () => {
  const shared = `<si><t>${'x'.repeat(10_000)}</t></si>`
  const sheet = rowOf(cell('0', 't="s"')).repeat(maxCharacters / 10_000 + 1)
  expect(await faultOf(workbook({ sheet, shared }))).toBe('tooLarge')
})
