import { type FieldNode, Kind, type OperationDefinitionNode, parse, print } from 'graphql'
import { lightObjects } from '../../src/graphql-server/execution-queue'
import { operations } from '../capabilities'
import { servingAdmin } from '../support/access'
import { cost } from '../support/cost'
import { schema } from '../support/described'
import type { Found, GraphqlRequest } from '../support/operation'
import { overStores } from '../support/stores'

const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {})

/** Returns the row of a mutation. A new mutation needs a row that states how to observe its runs. */
function rowOf(name: string): GraphqlRequest & Required<Pick<GraphqlRequest, 'runs'>> {
  const request = operations.find(({ graphql }) => graphql?.field === `Mutation.${name}`)?.graphql
  if (!request?.runs) throw new Error(`add a row with \`runs\` for Mutation.${name} to the table of operations`)
  return { ...request, runs: request.runs }
}

const fieldOf = ({ selectionSet }: OperationDefinitionNode): FieldNode => selectionSet.selections[0] as FieldNode

const costly = fieldOf(
  parse(`mutation { costly: startSession(input: { mentorId: "m" }) {
    session { transitions(first: ${lightObjects + 1}) { sequence } } } }`).definitions[0] as OperationDefinitionNode,
)

interface Repeated {
  query: string
  variables: object
  times: number
}

/** Repeats the field of a mutation under aliases `a0`, `a1`, …. With `isLong`, adds a costly field if the operation needs one. */
function aliased({ query, variables, times }: Repeated, isLong: boolean): string {
  const operation = parse(query).definitions[0] as OperationDefinitionNode
  const aliases = Array.from({ length: times }, (_, i): FieldNode => {
    return { ...fieldOf(operation), alias: { kind: Kind.NAME, value: `a${i}` } }
  })
  const withFields = (selections: FieldNode[]): string =>
    print({ ...operation, selectionSet: { ...operation.selectionSet, selections } })
  const isLongAlone = isLongOperation(withFields(aliases), variables)
  return withFields(isLong && !isLongAlone ? [costly, ...aliases] : aliases)
}

const isLongOperation = (query: string, variables: object): boolean =>
  cost(query, { ...variables }).objects > lightObjects

overStores(({ newDatabase }) => {
  const { server, rest, createFound } = servingAdmin(newDatabase)

  describe.each([
    ['in an operation of any size', false],
    ['in an operation that yields to other work', true],
  ])('%s', (how, isLong) => {
    test.each(mutations)('%s runs once for each alias, up to the first that is refused', async name => {
      const { query, variables, runs, isSlow } = rowOf(name)
      const times = isSlow ? 2 : 10
      const owner = { mentor_id: 'mentor_3', organisation_id: `${name} ${how}` }
      const found: Found = await createFound(owner)
      const { get, post } = rest
      const origin = JSON.parse((await get('/api/v1/benefit-calculator-events')).text).next
      const given = variables?.(found, origin) ?? {}
      const request = { query: aliased({ query, variables: given, times }, isLong), variables: given }
      if (isLong) expect(isLongOperation(request.query, given)).toBe(true)
      const { data, errors } = JSON.parse((await post('/graphql', JSON.stringify(request))).text)
      if (typeof runs === 'string') {
        expect(errors).toMatchObject([{ path: ['a1'], extensions: { code: runs.toUpperCase() } }])
        return
      }
      expect(errors).toBeUndefined()
      const values = Array.from({ length: times }, (_, i) => data[`a${i}`])
      expect(await runs({ store: server.store, found, values })).toBe(times)
    })
  })
})
