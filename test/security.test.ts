import { readFileSync } from 'node:fs'
import { createServer, maxHeaderSize } from 'node:http'
import { dirname, join } from 'node:path'
import { type Config, configOf } from '../src/startup/config'

const root = join(__dirname, '../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

interface Row {
  what: string
  most: string
  where: string
}

const pages = ['docs/reference/security.md', 'docs/reference/internal-limits.md']
const limitHeads = ['at most', 'per principal', 'per organisation', 'in total']
const cellsOf = (line: string): string[] =>
  line
    .trim()
    .slice(1, -1)
    .split('|')
    .map(cell => cell.trim())
const rows = pages.flatMap(page =>
  // The lines below the head of each table of limits.
  [...read(page).matchAll(/^(\| .*\| constants? \|\n)\|[-|]+\|\n((?:\| .*\n)+)/gm)].flatMap(
    ([, head = '', body = '']) =>
      body
        .trimEnd()
        .split('\n')
        .flatMap(line => rowsOf(page, cellsOf(head), cellsOf(line))),
  ),
)

/**
 * Returns one row for each constant of a line. The constants are in the order of the limits. If there is only one limit,
 * all constants have it.
 */
function rowsOf(page: string, heads: string[], cells: string[]): Row[] {
  const most = cells
    .filter((_, column) => limitHeads.includes(heads[column] ?? ''))
    .flatMap(cell => cell.match(/\d(?:[\d,]*\d)?(?: (?:KiB|MiB|s)\b)?/g) ?? [cell])
  const where = cells.at(-1)?.split(', ') ?? []
  return Array.from({ length: Math.max(most.length, where.length) }, (_, limit) => ({
    what: cells[0] ?? '',
    most: most[most.length === 1 ? 0 : limit] ?? '',
    where: (where[limit] ?? '').replace(/(?<=\]\().+(?=\)$)/, path => join(dirname(page), path)),
  }))
}

const units: Record<string, number> = { KiB: 1024, MiB: 1024 ** 2, s: 1_000 }

/** Returns the limit in a cell as a constant states it: in bytes, in milliseconds, or as it is. */
function stated(most: string): number | undefined {
  const [, number, unit = ''] = /^([\d,]+)(?: (\w+))?$/.exec(most) ?? []
  return number === undefined ? undefined : Number(number.replaceAll(',', '')) * (units[unit] ?? 1)
}

const { headersTimeout, requestTimeout } = createServer()
const ofNode: Record<string, number> = { maxHeaderSize, headersTimeout, requestTimeout }

/** Returns the value of the constant that the row names. */
function actual(where: string): number | undefined {
  const [, link = where, file] = /^\[(.+)\]\((\S+)\)$/.exec(where) ?? []
  const [, node, name = ''] = /^(node )?`(\w+)`$/.exec(link) ?? []
  if (node) return ofNode[name]
  if (file === undefined) return configOf({})[name as keyof Config] as number | undefined
  const [, product = ''] = new RegExp(`^(?:export )?const ${name} = ([\\d_* ]+)$`, 'm').exec(read(file)) ?? []
  return product
    .replaceAll('_', '')
    .split('*')
    .reduce((value, factor) => value * Number(factor || Number.NaN), 1)
}

test('security.md and internal-limits.md list limits', () => {
  expect(rows.length).toBeGreaterThan(150)
  expect(rows.map(({ where }) => where).filter(where => actual(where) === undefined)).toEqual([
    '`REQUESTS_PER_SECOND`',
    '`SESSIONS_PER_MENTOR`',
  ])
})

test.each(rows)('the docs are right that the limit of $what, $where, is $most', ({ most, where }) => {
  expect(actual(where)).toBe(stated(most))
})

test('the sources set no other limits of Node than docs/reference/security.md lists', () => {
  expect(read('src/http/server.ts')).not.toMatch(/headersTimeout|requestTimeout =|maxHeaderSize/)
})
