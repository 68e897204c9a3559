/**
 * Parses CSV strictly by RFC 4180. Every record must have the same number of fields, and every line must end in CRLF.
 */
export function recordsOf(text: string): string[][] {
  const records: string[][] = []
  let record: string[] = []
  const token = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gsy
  while (token.lastIndex < text.length) {
    const at = token.lastIndex
    const [, quoted, plain = '', end] = token.exec(text) ?? []
    if (end === undefined) throw new Error(`no field at ${at}: ${JSON.stringify(text.slice(at, at + 50))}`)
    record.push(quoted?.replaceAll('""', '"') ?? plain)
    if (end === ',') continue
    if (record.length !== (records[0] ?? record).length) throw new Error(`${record.length} fields: ${record}`)
    records.push(record)
    record = []
  }
  if (record.length > 0) throw new Error('the last line has no end')
  return records
}

/** Parses a CSV file with a byte order mark into one object per row, with the column names as keys. */
export function rowsOf(file: string): Record<string, string>[] {
  if (!file.startsWith('\uFEFF')) throw new Error('no byte order mark')
  const [names = [], ...records] = recordsOf(file.slice(1))
  return records.map(record => Object.fromEntries(names.map((name, i) => [name, record[i] ?? ''])))
}
