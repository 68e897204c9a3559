import { strToU8, zipSync } from 'fflate'

interface Parts {
  sheet?: string
  sheets?: string
  shared?: string
  styles?: string
  more?: Record<string, string>
  properties?: string
}

const names = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

/** Returns the bytes of a workbook as Excel writes it. */
export function workbook({
  sheet = '',
  shared = '',
  styles = '',
  more = {},
  properties = '',
  ...rest
}: Parts): Uint8Array {
  const { sheets = '<sheet name="Data" sheetId="1" r:id="rId1"/>' } = rest
  const types = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
  const relation = (id: number, type: string, path: string): string =>
    `<Relationship Id="rId${id}" Type="${types}/${type}" Target="${path}"/>`
  const relations = [
    relation(1, 'worksheet', 'worksheets/sheet1.xml'),
    relation(2, 'worksheet', '/xl/worksheets/sheet2.xml'),
    relation(8, 'styles', 'styles.xml'),
    relation(9, 'sharedStrings', 'sharedStrings.xml'),
  ]
  const files = {
    '[Content_Types].xml': '<Types/>',
    'xl/workbook.xml': `<workbook ${names}>${properties}<sheets>${sheets}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships>${relations.join('')}</Relationships>`,
    'xl/worksheets/sheet1.xml': `<worksheet><sheetData>${sheet}</sheetData></worksheet>`,
    'xl/sharedStrings.xml': `<sst>${shared}</sst>`,
    'xl/styles.xml': `<styleSheet>${styles}</styleSheet>`,
    ...more,
  }
  return zipSync(Object.fromEntries(Object.entries(files).map(([name, xml]) => [name, strToU8(declaration + xml)])))
}

export const cell = (value: string, more = ''): string => `<c ${more}><v>${value}</v></c>`
export const rowOf = (...cells: string[]): string => `<row>${cells.join('')}</row>`
/** Returns styles with these format codes, or with the ids of built-in formats. */
export const stylesOf = (...formats: (string | number)[]): string => {
  const codes = formats.map((format, at) =>
    typeof format === 'number'
      ? ''
      : `<numFmt numFmtId="${164 + at}" formatCode="${format.replaceAll('"', '&quot;')}"/>`,
  )
  const styles = formats.map((format, at) => `<xf numFmtId="${typeof format === 'number' ? format : 164 + at}"/>`)
  return `<numFmts>${codes.join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
    <cellXfs><xf numFmtId="0"/>${styles.join('')}</cellXfs>`
}
