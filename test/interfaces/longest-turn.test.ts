import { stallMs } from '../../src/concurrency/event-loop-stalls'
import { addShares, copy, repeat } from '../support/full'
import { longestTurnOf } from '../support/longest-turn'
import { send } from '../support/raw'
import { json } from '../support/rest'
import { serving } from '../support/server'
import { noon } from '../support/sessions'
import { overStores } from '../support/stores'

overStores(({ newDatabase }) => {
  const server = serving(newDatabase, { clock: () => new Date(noon), config: { FEDERATION: true } })
  let ids: string[]
  beforeAll(async () => {
    ids = await copy(server.store, await addShares(server.store, 'shared'), 100, 1)
  })

  const asking =
    (query: string, variables = {}) =>
    () =>
      send(server.url, 'POST', '/graphql', json, JSON.stringify({ query, variables }))

  test('the sessions of a gateway hold up other work for less than a stall', async () => {
    const of = Array.from({ length: 1_000 }, (_, i) => ({ __typename: 'Session', id: ids[i % ids.length] }))
    const selected = '{ ... on Session { id result { id } share { token } } }'
    const entities = `query ($of: [_Any!]!) { ${repeat(3, number => `a${number}: _entities(representations: $of) ${selected}`)} }`
    expect(await longestTurnOf(asking(entities, { of }))).toBeLessThan(stallMs)
  })
})
