import { Admission } from '../../src/graphql-server/admission'
import type { Context } from '../../src/resolvers/context'
import { schema } from '../support/described'

test('a document stays parsed until the documents used after it exceed the memory limit', async () => {
  const admission = new Admission(schema)
  const admitted = async (query: string) => {
    const operation = await admission.admit({ query }, {} as Context)
    return 'args' in operation ? operation.args.document : operation
  }
  const large = (i: number): string => `query Number${i} { __typename } ${'#\n'.repeat(1_000)}`
  const first = await admitted('{ __typename }')
  for (let i = 0; i < 20; i++) await admitted(large(i))
  expect(await admitted('{ __typename }')).toBe(first)
  for (let i = 0; i < 200; i++) await admitted(large(i))
  const again = await admitted('{ __typename }')
  expect(again).not.toBe(first)
  expect(again).toEqual(first)
})
