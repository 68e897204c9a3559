import fc from 'fast-check'
import { maxTokens } from '../../src/graphql-server/limits'
import { maxNesting } from '../../src/http/json'
import { ways } from '../support/ask'
import { run } from '../support/process'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase)

/** Where a document can nest: what is around the nested part, and what opens and closes each of its levels. */
const places = [
  { name: 'selections', before: '', open: '{a', close: '}', after: '' },
  { name: 'fragments', before: '{', open: '...{', close: '}', after: '}' },
  { name: 'lists', before: '{session(id:', open: '[', close: ']', after: '){id}}' },
  { name: 'objects', before: '{session(id:', open: '{a:', close: '}', after: '){id}}' },
  { name: 'fields with arguments', before: '{', open: 'a(a:1){', close: '}', after: '}' },
  { name: 'values of a directive', before: '{__typename@a(a:', open: '[', close: ']', after: ')}' },
  { name: 'defaults of a variable', before: 'query($a:ID=', open: '[', close: ']', after: '){__typename}' },
  { name: 'types of a variable', before: 'query($a:', open: '[', close: ']', after: '){__typename}' },
] as const

type Place = (typeof places)[number]

const bracketsIn = (text: string): number => text.match(/[{[(]/g)?.length ?? 0

/** Returns a document that nests to this level. */
function nested({ before, open, close, after }: Place, level: number, isClosed = true): string {
  const count = level - bracketsIn(before)
  return before + open.repeat(count) + (isClosed ? close.repeat(count) + after : '')
}

const isDeeperError = (error?: { message: string }): boolean => error?.message.includes('levels deep') ?? false

describe.each(ways)('over %s', (_way, ask) => {
  test.each(places)('100 levels of $name are read, and one more is refused', async place => {
    expect(isDeeperError((await ask(server, nested(place, maxNesting))).errors?.[0])).toBe(false)
    expect((await ask(server, nested(place, maxNesting + 1))).errors).toEqual([
      expect.objectContaining({
        message: `Syntax Error: The document is nested more than ${maxNesting} levels deep.`,
        extensions: { code: 'GRAPHQL_PARSE_FAILED' },
      }),
    ])
  })

  test('a server that has just started refuses any number of levels, and logs no error', async () => {
    const fresh = run({ DATA_FILE: ':memory:' })
    await fresh.listening()
    const document = fc.constantFrom(...places).chain(place => {
      // A GET has at most 16 KiB.
      const most = Math.min(maxTokens, Math.floor(12_000 / encodeURIComponent(place.open + place.close).length))
      return fc.tuple(fc.integer({ min: maxNesting + 1, max: most }), fc.boolean()).map(args => nested(place, ...args))
    })
    const deepest = places.slice(2, 3).map(place => nested(place, maxTokens - 10, false))
    for (const text of [...deepest, ...fc.sample(document, 30)]) {
      const [error] = (await ask(fresh, text)).errors ?? []
      expect([text, error?.extensions.code]).toEqual([text, 'GRAPHQL_PARSE_FAILED'])
    }
    expect(fresh.lines.filter(({ level }) => level === 'error')).toEqual([])
  })
})

test('brackets in strings and comments do not count', async () => {
  const brackets = '[{('.repeat(maxNesting)
  for (const text of [`{ sessions(after: "${brackets}") { totalCount } }`, `{ __typename } # ${brackets}`]) {
    for (const [, ask] of ways) expect(isDeeperError((await ask(server, text)).errors?.[0])).toBe(false)
  }
})
