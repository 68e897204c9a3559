import { z } from 'zod'
import { exampleOf, findExample, withExample } from '../../src/domain/example'

const name = withExample(z.string(), 'Ada')
const person = z.strictObject({
  name: name.describe('Its name.'),
  nickname: z.string().exactOptional(),
  age: z.int().min(18),
  title: z.enum(['Dr', 'Prof']).nullable(),
})

test('the example of an object is made of those of its members', () => {
  expect(exampleOf(person)).toEqual({ name: 'Ada', age: 18, title: null })
  expect(exampleOf(person.pick({ name: true }))).toEqual({ name: 'Ada' })
})

test('the own example of a schema comes first. It may be made when it is needed', () => {
  const people = z.array(person)
  expect(exampleOf(people)).toEqual([exampleOf(person)])
  expect(exampleOf(withExample(people, () => []))).toEqual([])
})

test('a schema keeps its example when a copy gets another', () => {
  withExample(name, 'Grace')
  expect(exampleOf(name)).toBe('Ada')
})

test('an example shows in no JSON Schema', () => {
  expect(z.toJSONSchema(name, { target: 'draft-7' })).toEqual({
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'string',
  })
})

test('a text without an example has none, nor has an object with any members', () => {
  expect(findExample(z.strictObject({ name: z.string() }))).toBeUndefined()
  expect(findExample(z.looseObject({ name }))).toBeUndefined()
  expect(() => exampleOf(z.string())).toThrow('has no example')
})
