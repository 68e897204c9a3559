import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToRegexp } from 'path-to-regexp'
import { checkSync } from 'recheck'
import { openapi } from '../src/rest/description/openapi'
import { resources } from './support/described'
import type { Described } from './support/description'
import { nodesOf, programOf } from './support/documents'

interface Expression {
  source: string
  flags: string
}

/** Returns the regular expressions of a source, and the number of those made from strings. */
function expressionsOf(source: string): { literals: Expression[]; made: number } {
  const nodes = [...nodesOf(programOf(source))]
  const literals = nodes.filter(({ type }) => type === 'RegExpLiteral')
  const calls = nodes.filter(({ type }) => type === 'NewExpression' || type === 'CallExpression')
  return {
    literals: literals.map(({ pattern, flags }) => ({ source: String(pattern), flags: String(flags) })),
    made: calls.filter(({ callee }) => (callee as { name?: string }).name === 'RegExp').length,
  }
}

/** Describes how an expression can take more than linear time. Undefined if it cannot. */
function weakness({ source, flags }: Expression): string | undefined {
  const said = checkSync(source, flags, { timeout: 20_000, randomSeed: 1 })
  if (said.status === 'safe') return undefined
  return `/${source}/${flags} is ${said.status}: ${said.status === 'vulnerable' ? said.complexity.summary : said.error.kind}`
}

const root = join(__dirname, '../../src')
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'))
const found = files.map(file => ({ file, ...expressionsOf(readFileSync(join(root, file), 'utf8')) }))

test('no regular expression of the sources can backtrack excessively', () => {
  const literals = found.flatMap(({ literals }) => literals)
  expect(literals.map(({ source }) => source)).toEqual(expect.arrayContaining([String.raw`^[1-9]\d{0,6}$`]))
  const different = [...new Map(literals.map(literal => [`${literal.source}/${literal.flags}`, literal])).values()]
  expect(different.map(weakness).filter(Boolean)).toEqual([])
})

test('no regular expression is made at run time, where it could not be checked', () => {
  expect(found.filter(({ made }) => made > 0).map(({ file }) => file)).toEqual([])
})

test('no route makes an expression that can backtrack excessively', () => {
  const { paths } = openapi(resources) as unknown as Described
  const routes = Object.keys(paths).map(path => path.replaceAll(/\{(\w+)\}/g, ':$1'))
  expect(routes).toContain('/shared/:token')
  const made = routes.map(route => pathToRegexp(route).regexp)
  expect(made.map(weakness).filter(Boolean)).toEqual([])
})

test.each([
  ['const a = /^(a+)+$/', '/^(a+)+$/ is vulnerable: exponential'],
  ['schema.regex(/\\s+$/g)', '/\\s+$/g is vulnerable: 2nd degree polynomial'],
])('an expression that can backtrack excessively is found: %s', (source, said) => {
  expect(expressionsOf(source).literals.map(weakness)).toEqual([said])
})

test.each(['new RegExp(text)', 'RegExp(text, "g")'])('an expression made at run time is found: %s', source => {
  expect(expressionsOf(source).made).toBe(1)
})
