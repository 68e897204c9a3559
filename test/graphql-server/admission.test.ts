import { Admission } from '../../src/graphql-server/admission'
import type { UseCases } from '../../src/use-cases'
import { schema } from '../support/described'
import { heapBytes } from '../support/gc'

const request = { request_id: '', connection: {} }
async function admitted(admission: Admission, query: string, operationName?: string) {
  const operation = await admission.admit({ query, operationName }, {} as UseCases, request)
  if (Array.isArray(operation)) throw operation[0]
  return operation.compiled
}

test('an operation stays compiled until the operations used after it exceed the memory limit', async () => {
  const admission = new Admission(schema)
  const large = (i: number): string => `query Number${i} { __typename } ${'#\n'.repeat(1_000)}`
  const first = await admitted(admission, '{ __typename }')
  for (let i = 0; i < 20; i++) await admitted(admission, large(i))
  expect(await admitted(admission, '{ __typename }')).toBe(first)
  for (let i = 0; i < 200; i++) await admitted(admission, large(i))
  const again = await admitted(admission, '{ __typename }')
  expect(again).not.toBe(first)
  expect(again.document).toEqual(first.document)
})

test('each operation of a document is compiled once, and a name that selects none is not cached', async () => {
  const admission = new Admission(schema)
  const both =
    'query A { session(id: "s") { result { id } } } mutation B { closeSession(input: { sessionId: "s" }) { deleted } }'
  const [a, b] = [await admitted(admission, both, 'A'), await admitted(admission, both, 'B')]
  expect([a.name, b.name]).toEqual(['query session', 'mutation closeSession'])
  expect(await admitted(admission, both, 'A')).toBe(a)
  const { bytes } = admission.cache
  for (const name of ['C', 'D', undefined]) {
    await expect(admitted(admission, both, name)).rejects.toThrow(/operation name/i)
  }
  expect(admission.cache.bytes).toBe(bytes)
})

test.each([
  ['few tokens', (i: number) => `query Q${i} { session(id: "s") { id } }`],
  ['many fields', (i: number) => `query Q${i} { session(id: "s") { ${'id state '.repeat(90)} } }`],
  [
    'many arguments',
    (i: number) =>
      `query Q${i} { ${Array.from({ length: 30 }, (_, n) => `a${n}: session(id: "s${n}") { id }`).join(' ')} }`,
  ],
  ['long comments', (i: number) => `query Q${i} { __typename } # ${'x'.repeat(20_000)}`],
  [
    'almost as many tokens as allowed',
    (i: number) => `query Q${i} { ${Array(90).fill('...{ ...{ ...{ ...{ ...{ __typename }}}}}').join(' ')} }`,
  ],
])('the operation cache takes at most the memory that it counts, for documents with %s', async (_, textOf) => {
  const admission = new Admission(schema)
  await admitted(admission, textOf(1_000_000))
  const [heap, counted] = [await heapBytes(), admission.cache.bytes]
  for (let i = 0; admission.cache.bytes - counted < 8 * 1024 * 1024; i++) await admitted(admission, textOf(i))
  expect((await heapBytes()) - heap).toBeLessThan(admission.cache.bytes - counted)
})
