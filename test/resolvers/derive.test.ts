import 'reflect-metadata'
import { type GraphQLEnumType, type GraphQLObjectType, printType } from 'graphql'
import { buildSchemaSync, Query, Resolver } from 'type-graphql'
import { z } from 'zod'
import { timestampSchema } from '../../src/domain/timestamp'
import { enumType, objectType } from '../../src/resolvers/derive'

const colourSchema = z.enum(['dark_red', 'blue'])
enumType('Colour', colourSchema, { descriptions: { blue: 'As the sky.' } })

const wheelSchema = z.object({ size: z.number(), colour: colourSchema.nullable() })
objectType('Wheel', wheelSchema)

const Car = objectType(
  'Car',
  z.object({
    car_id: z.string(),
    owner_id: z.string().nullable().describe('Person who pays for it.'),
    built_on: z.iso.date().describe('Left out.'),
    sold_at: timestampSchema.exactOptional(),
    seats: z.int().describe('Number of seats.'),
    wheels: z.array(wheelSchema).describe('All wheels.'),
  }),
  {
    description: 'A car.',
    members: { car_id: { name: 'id' }, built_on: null, seats: 'For people.', wheels: { size: 4 } },
  },
)

@Resolver()
class CarResolver {
  @Query(() => Car)
  car(): null {
    return null
  }
}

test('a type has the members of its schema, with what GraphQL states otherwise', () => {
  const schema = buildSchemaSync({ resolvers: [CarResolver], validate: false })
  expect(printType(schema.getType('Car') as GraphQLObjectType)).toBe(`"""A car."""
type Car {
  id: ID!

  """Person who pays for it."""
  ownerId: ID
  builtOn: Date!
  soldAt: DateTime

  """For people."""
  seats: Int!

  """All wheels."""
  wheels: [Wheel!]!
}`)
})

test('an enum has constants for its values', () => {
  const schema = buildSchemaSync({ resolvers: [CarResolver], validate: false })
  expect(printType(schema.getType('Colour') as GraphQLEnumType)).toBe(`enum Colour {
  DARK_RED

  """As the sky."""
  BLUE
}`)
})

test('a list without a size is refused: its cost would be unknown', () => {
  const schema = z.object({ wheels: z.array(wheelSchema) })
  expect(() => objectType('Bicycle', schema)).toThrow('wheels is a list: state its size')
})

test.each([
  ['a nested object without a type is refused', z.object({ sail: z.object({}) }), 'sail: derive a type'],
  ['a member of another kind must state its type', z.object({ sail: z.unknown() }), 'sail: state the type'],
])('%s', (_, schema, message) => {
  const Boat = objectType('Boat', schema)
  class BoatResolver {
    boat(): null {
      return null
    }
  }
  const property = Object.getOwnPropertyDescriptor(BoatResolver.prototype, 'boat') as PropertyDescriptor
  Query(() => Boat)(BoatResolver.prototype, 'boat', property)
  Resolver()(BoatResolver)
  expect(() => buildSchemaSync({ resolvers: [BoatResolver], validate: false })).toThrow(message)
})
