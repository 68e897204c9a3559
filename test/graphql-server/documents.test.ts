import { Documents } from '../../src/graphql-server/documents'
import { schema } from '../../src/resolvers/schema'

test('a document stays parsed until the documents used after it exceed the memory limit', async () => {
  const documents = new Documents(schema)
  const large = (i: number): string => `query Number${i} { __typename } ${'#\n'.repeat(1_000)}`
  const first = await documents.admit('{ __typename }', {})
  for (let i = 0; i < 20; i++) await documents.admit(large(i), {})
  expect(await documents.admit('{ __typename }', {})).toBe(first)
  for (let i = 0; i < 200; i++) await documents.admit(large(i), {})
  const again = await documents.admit('{ __typename }', {})
  expect(again).not.toBe(first)
  expect(again).toEqual(first)
})
