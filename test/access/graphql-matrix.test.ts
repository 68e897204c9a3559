import { subgraphOf } from '../../src/graphql-server/subgraph'
import { capabilityConfig, operations } from '../capabilities'
import {
  accessWorld,
  type CallerName,
  callerNames,
  expectedOutcome,
  type OwnerName,
  ownerNames,
  sees,
} from '../support/access'
import { schema as served } from '../support/described'
import { subscribe } from '../support/follow'
import type { Found, GraphqlRequest, Operation } from '../support/operation'
import { overStores } from '../support/stores'
import { until } from '../support/until'

type Data = Record<string, unknown>
type Row = Operation & { request: GraphqlRequest }

const rows = operations.flatMap((operation): Row[] =>
  operation.graphql ? [{ ...operation, request: operation.graphql }] : [],
)

/** Returns the outcome that a row states, in the form of `over` and `followed` below. */
function expectedOf(row: Row, caller: CallerName, owner: OwnerName): string {
  const { alsoSeen = {}, outside } = row.request
  const isSeen =
    sees(caller, owner) || (caller in alsoSeen && alsoSeen[caller as keyof typeof alsoSeen]?.includes(owner))
  switch (expectedOutcome(row, caller, owner, isSeen)) {
    case 'granted':
      return 'some'
    case 'outside':
      return outside?.toUpperCase() ?? 'none'
    case 'forbidden':
      return caller === 'without a role' || caller === 'of an unknown role' ? 'refused 403' : 'FORBIDDEN'
    case 'unauthenticated':
      return 'refused 401'
  }
}

type Way = 'POST' | 'graphql-ws' | 'graphql-sse'

const waysOf = (name: string): Way[] => (name.startsWith('Subscription.') ? ['graphql-ws', 'graphql-sse'] : ['POST'])

/** Whether a response shows objects of the owner. */
function isShown({ request }: Row, data: Data, of: Found): boolean {
  const [value] = Object.values(data)
  return request.shows ? request.shows(value, of) > 0 : value !== null
}

overStores(({ newDatabase }) => {
  const world = accessWorld(newDatabase, { config: { FEDERATION: true, ...capabilityConfig } })

  async function over(row: Row, caller: CallerName, of: Found): Promise<string> {
    const { query, variables } = row.request
    const body = JSON.stringify({ query, variables: variables?.(of, world.origin) })
    const { status, text } = await world.rest(caller).post('/graphql', body)
    const { data, errors } = JSON.parse(text)
    if (status !== 200) return `refused ${status}`
    if (errors) return errors[0].extensions.code
    return row.request.refusal?.(Object.values(data)[0]) ?? (isShown(row, data, of) ? 'some' : 'none')
  }

  /** Does the same for a subscription: up to its first result, or up to the last session if it keeps running. */
  async function followed(
    row: Row,
    caller: CallerName,
    of: Found,
    last: Found,
    client: Exclude<Way, 'POST'>,
  ): Promise<string> {
    const authorization = world.authorization(caller)
    const { url } = world.server
    const { query, variables, follows } = row.request
    const subscribed = subscribe<Data>(url, query, variables?.(of, world.origin) ?? {}, client, authorization)
    const { results } = subscribed
    const names = (session: Found) => results.some(data => JSON.stringify(data).includes(session.session_id))
    const isThere = () => subscribed.ended || (follows ? names(last) : results.length > 0)
    await until(
      () => isThere() !== undefined && isThere() !== false,
      60_000,
      () => JSON.stringify(results),
    )
    subscribed.leave()
    if (subscribed.ended) return refusalOf(subscribed.ended.with)
    return (follows ? names(of) : isShown(row, results[0] as Data, of)) ? 'some' : 'none'
  }

  const cells = rows.flatMap(row =>
    waysOf(row.request.field).map((way): [string, Way, Row] => [row.request.field, way, row]),
  )

  test.each(cells)('each caller gets from %s over %s exactly its scope', async (_, way, row) => {
    const last = row.request.follows ? await world.fresh('a') : world.found.a
    const outcome = async (caller: CallerName, owner: OwnerName): Promise<string> => {
      const isGranted = expectedOf(row, caller, owner) === 'some'
      const of = row.consumes && isGranted ? await world.fresh(owner) : world.found[owner]
      return way === 'POST' ? over(row, caller, of) : followed(row, caller, of, last, way)
    }
    for (const caller of callerNames) {
      const got = await Promise.all(ownerNames.map(owner => outcome(caller, owner)))
      expect({ caller, got }).toEqual({ caller, got: ownerNames.map(owner => expectedOf(row, caller, owner)) })
    }
  })
})

/** Returns the refusal of a subscription: the code of its error, the status of the response, or the close code. */
function refusalOf(ended: unknown): string {
  if (Array.isArray(ended)) return ended[0].extensions.code
  const { code, response } = ended as { code?: number; response?: Response }
  return `refused ${response ? response.status : Number(code) - 4_000}`
}

test('every field of Query, Mutation and Subscription has a row', () => {
  const schema = subgraphOf(served)
  const types = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  const fields = types.flatMap(type => Object.keys(type?.getFields() ?? {}).map(name => `${type?.name}.${name}`))
  expect(rows.map(({ request }) => request.field).sort()).toEqual(fields.sort())
})
