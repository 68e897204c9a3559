import { readFileSync } from 'node:fs'
import { createServer, maxHeaderSize } from 'node:http'
import { join } from 'node:path'
import { type Config, configOf } from '../src/startup/config'

const root = join(__dirname, '../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

interface Row {
  what: string
  most: string
  where: string
}

const [, limits = ''] = read('docs/reference/security.md').split('\n## Limits\n')
// The lines below the head of each table.
const rows = [...limits.matchAll(/^\|[-|]+\|\n((?:\| .*\n)+)/gm)]
  .flatMap(([, body = '']) => body.trimEnd().split('\n'))
  .map((line): Row => {
    const cells = line
      .slice(1, -1)
      .split('|')
      .map(cell => cell.trim())
    return { what: cells[0] ?? '', most: cells[1] ?? '', where: cells.at(-1) ?? '' }
  })

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
  const [, link = where, file] = /^\[(.+)\]\(\.\.\/\.\.\/(\S+)\)$/.exec(where) ?? []
  const [, node, name = ''] = /^(node )?`(\w+)`$/.exec(link) ?? []
  if (node) return ofNode[name]
  if (file === undefined) return configOf({})[name as keyof Config] as number | undefined
  const [, product = ''] = new RegExp(`^(?:export )?const ${name} = ([\\d_* ]+)$`, 'm').exec(read(file)) ?? []
  return product
    .replaceAll('_', '')
    .split('*')
    .reduce((value, factor) => value * Number(factor || Number.NaN), 1)
}

test('docs/reference/security.md lists limits', () => {
  expect(rows.length).toBeGreaterThan(80)
  expect(rows.map(({ where }) => where).filter(where => actual(where) === undefined)).toEqual([
    '`SESSIONS_PER_MENTOR`',
    '`REQUESTS_PER_SECOND`',
  ])
})

test.each(rows)('docs/reference/security.md is right that the limit of $what, $where, is $most', ({ most, where }) => {
  expect(actual(where)).toBe(stated(most))
})

test('the sources set no other limits of Node than docs/reference/security.md lists', () => {
  expect(read('src/http/server.ts')).not.toMatch(/headersTimeout|requestTimeout =|maxHeaderSize/)
})
