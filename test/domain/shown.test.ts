import { z } from 'zod'
import { shownBy } from '../../src/domain/shown'
import { timestampSchema } from '../../src/domain/timestamp'

const schema = z.strictObject({
  name: z.string(),
  at: timestampSchema,
  ended_at: timestampSchema.nullable(),
  owner: z.string().exactOptional(),
  failures: z.array(z.strictObject({ at: timestampSchema.describe('When it failed.') })),
})
const shown = shownBy(schema)

const at = '2026-03-26T09:15:00.789Z'
const second = '2026-03-26T09:15:00Z'

test('times are shown in whole seconds, at each level', () => {
  expect(shown({ name: 'a', at, ended_at: at, failures: [{ at }] })).toEqual({
    name: 'a',
    at: second,
    ended_at: second,
    failures: [{ at: second }],
  })
})

test('members are in the order of the schema, and those that it lacks are left out', () => {
  const stored = { failures: [{ at, secret: 's' }], secret: 's', ended_at: at, at, name: 'a' }
  const text = `{"name":"a","at":"${second}","ended_at":"${second}","failures":[{"at":"${second}"}]}`
  expect(JSON.stringify(shown(stored))).toBe(text)
})

test('null stays where the schema allows it, and is left out where a member is optional', () => {
  const stored = { name: 'a', at, ended_at: null, owner: null, failures: [] }
  expect(shown(stored)).toEqual({ name: 'a', at: second, ended_at: null, failures: [] })
})
