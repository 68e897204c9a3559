import { Kind, type OperationDefinitionNode, parse, validate } from 'graphql'
import { type Cost, costOf } from '../../src/graphql-server/cost'
import { subgraphOf } from '../../src/graphql-server/subgraph'
import { schema as served } from './described'

export const schema = subgraphOf(served)

/** Returns the estimated cost of a valid query. */
export function cost(text: string, variables: Record<string, unknown> = {}): Cost {
  const document = parse(text)
  expect(validate(schema, document)).toEqual([])
  const definition = document.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION)
  return costOf(schema, { document, definition: definition as OperationDefinitionNode, variables }).cost
}

export const objects = (text: string, variables = {}): number => cost(text, variables).objects
