import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql'
import pino from 'pino'
import { Source } from '../../src/concurrency/source'
import type { Caller } from '../../src/domain/caller'
import { Admission, type Operation } from '../../src/graphql-server/admission'
import { ExecutionQueue } from '../../src/graphql-server/execution-queue'
import { type SubscriptionStream, Subscriptions } from '../../src/graphql-server/subscriptions'
import type { Context } from '../../src/resolvers/context'
import { accessWorld, withRoles } from '../support/access'
import { subscribe } from '../support/follow'
import { embeddedDatabase } from '../support/stores'
import { people } from '../support/tokens'
import { until } from '../support/until'

const world = accessWorld(embeddedDatabase)
const item = {}
let executions = 0

/** A schema whose subscription shows the caller for whom its results are computed. */
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { none: { type: GraphQLString } } }),
  subscription: new GraphQLObjectType<unknown, Context>({
    name: 'Subscription',
    fields: {
      caller: {
        type: GraphQLString,
        subscribe: () => new Source(() => () => {}),
        resolve(_item, _args, { caller }) {
          executions++
          return JSON.stringify(caller)
        },
      },
    },
  }),
})

/** Subscribes a caller for each token, and returns the callers with the results that they get for the same item. */
async function resultsOf(tokens: (string | undefined)[]): Promise<{ caller: Caller; shown: Caller }[]> {
  const { callers } = world.server
  const subscriptions = new Subscriptions(new ExecutionQueue(), callers, pino({ level: 'silent' }))
  const admission = new Admission(schema)
  const subscribed = tokens.map(async token => {
    const useCases = await callers.of(token, '')
    const request = { request_id: '', connection: {} }
    const operation = await admission.admit({ query: 'subscription { caller }' }, useCases, request)
    const stream = await subscriptions.begin(operation as Operation)
    const { data } = JSON.parse(await (stream as SubscriptionStream).text(item))
    return { caller: useCases.caller, shown: JSON.parse(data.caller) }
  })
  return Promise.all(subscribed)
}

test('subscribers share results only with callers that have the same permissions', async () => {
  for (const { caller, shown } of await resultsOf(withRoles.map(world.authorization))) {
    const { scope, may, startsWithoutOrganisation } = caller
    expect(shown).toEqual({ scope, may, startsWithoutOrganisation, digest: '' })
  }
})

test('a shared result depends neither on the identity nor on the access of a subscriber', async () => {
  executions = 0
  const tokens = ['ann', 'bob'].map(sub => world.bearer({ ...people.coordinator, sub, name: sub }))
  const [ann, bob] = await resultsOf(tokens)
  expect(executions).toBe(1)
  expect(ann?.caller.by).toBe('ann')
  expect(Object.keys(ann?.shown ?? {}).sort()).toEqual(['digest', 'may', 'scope'])
  expect(bob?.shown).toEqual(ann?.shown)
})

test("the end of one subscriber's token ends only its own subscription", async () => {
  const query = `subscription { feed { __typename ... on FeedTransition { transition { session { results { id } } } } } }`
  const exp = Date.now() / 1_000 + 2
  const tokens = [world.bearer({ ...people.coordinator, exp }), world.authorization('coordinator')]
  const [ending, lasting] = tokens.map(token => subscribe(world.server.url, query, {}, 'graphql-ws', token))
  const isReady = () => ending?.results.length === 1 && lasting?.results.length === 1
  await until(() => isReady(), 60_000, 'ready')
  await until(() => ending?.ended !== undefined, 60_000, 'the end of the token')
  const before = lasting?.results.length ?? 0
  await world.fresh('a')
  await until(() => (lasting?.results.length ?? 0) >= before + 3, 60_000, 'the transitions')
  expect(ending?.results).toHaveLength(1)
  lasting?.leave()
})
