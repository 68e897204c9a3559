import { findBreakingChanges, printSchema } from 'graphql'
import { maxRepresentations, subgraphOf } from '../../src/graphql-server/subgraph'
import { overPost, ways } from '../support/ask'
import { schema } from '../support/described'
import { interceptingEach } from '../support/intercepting'
import { send } from '../support/raw'
import { client, json } from '../support/rest'
import { serving } from '../support/server'
import { embeddedDatabase, overStores } from '../support/stores'

const entities = `query ($of: [_Any!]!) { _entities(representations: $of) {
  __typename ... on Session { id state results { id } } } }`

const represented = (...ids: string[]): string => JSON.stringify({ of: ids.map(id => ({ __typename: 'Session', id })) })

overStores(({ newDatabase }) => {
  const reads: string[] = []
  const server = serving(newDatabase, {
    config: { FEDERATION: true },
    store: opened =>
      interceptingEach(opened, (name, call) => {
        reads.push(name)
        return call()
      }),
  })

  test('sessions are read without share links and former results', async () => {
    const id = (await client(server).loaded()).split('/').at(-1) as string
    const selecting = (selected: string): string =>
      `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Session { ${selected} } } }`
    for (const [selected, read] of [
      ['id state', 'snapshot'],
      ['id result { id }', 'withResult'],
    ] as const) {
      reads.length = 0
      expect((await overPost(server, selecting(selected), represented(id, id))).errors).toBeUndefined()
      expect(reads).toEqual([read, read])
    }
  })

  test.each(ways)('sessions are returned in the requested order, over %s', async (_, ask) => {
    const started = (await client(server).started()).split('/').at(-1) as string
    const loaded = (await client(server).loaded()).split('/').at(-1) as string
    const { data } = await ask(server, entities, represented(loaded, 'none', started, loaded))
    const calculated = { __typename: 'Session', id: loaded, state: 'LOADED', results: [{ id: expect.any(String) }] }
    const initial = { __typename: 'Session', id: started, state: 'INITIAL', results: [] }
    expect(data).toEqual({ _entities: [calculated, null, initial, calculated] })
  })

  test('a closed session is null', async () => {
    const path = await client(server).started()
    await client(server).call('DELETE', path)
    const { data } = await overPost(server, entities, represented(path.split('/').at(-1) as string))
    expect(data).toEqual({ _entities: [null] })
  })
})

describe('in a federated graph', () => {
  const server = serving(embeddedDatabase, { config: { FEDERATION: true } })

  test('an invalid representation of a session is refused with its pointer', async () => {
    const of = [{ __typename: 'Session', id: 's' }, { __typename: 'Mentor', id: 'm' }, { __typename: 'Session' }, null]
    const { errors = [] } = await overPost(server, entities, JSON.stringify({ of: of.slice(0, 3) }))
    expect(errors[0]?.extensions).toEqual({
      code: 'VALIDATION_FAILED',
      errors: [
        { detail: 'must be Session', pointer: '/representations/1/__typename' },
        { detail: 'is required', pointer: '/representations/2/id' },
      ],
    })
    const nothing = await overPost(server, entities, JSON.stringify({ of }))
    expect(nothing.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
  })

  test('a request is refused if its sessions would make the response too large', async () => {
    const ids = Array.from({ length: 21 }, (_, i) => `s${i}`)
    const refused = await overPost(server, entities, represented(...ids))
    expect(refused.errors?.[0]?.message).toBe(
      'This operation can return 10479 objects, but the maximum is 10000. Request smaller pages or fewer lists.',
    )
    const taken = await overPost(server, entities, represented(...ids.slice(1)))
    expect(taken.data).toEqual({ _entities: Array(20).fill(null) })
  })

  test('the number of representations per request is limited', async () => {
    const ids = (most: number): string => represented(...Array<string>(most).fill('s'))
    const few = '($of: [_Any!]!) { _entities(representations: $of) { __typename } }'
    const taken = await overPost(server, `query ${few}`, ids(maxRepresentations))
    expect(taken.data).toEqual({ _entities: Array(maxRepresentations).fill(null) })
    const { errors = [] } = await overPost(server, `query ${few}`, ids(maxRepresentations + 1))
    expect(errors[0]?.extensions).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ pointer: '/representations' }],
    })
    expect(errors[0]?.message).toMatch(/1000/)
  })

  test('the subgraph schema is the public one with the key of a session, without the fields for gateways', async () => {
    const { data } = await overPost(server, '{ _service { sdl } }')
    const { sdl } = (data as { _service: { sdl: string } })._service
    expect(sdl).toContain(printSchema(schema))
    expect(sdl).toContain('extend type Session @key(fields: "id")')
    expect(sdl).not.toContain('_entities')
    // The first version in which subgraphs may have subscriptions.
    expect(sdl).toContain('https://specs.apollo.dev/federation/v2.4')
    expect(findBreakingChanges(schema, subgraphOf(schema))).toEqual([])
  })

  test('no gateway gets the duration of each field', async () => {
    const traced = { ...json, 'apollo-federation-include-trace': 'ftv1' }
    const { text } = await send(server.url, 'POST', '/graphql', traced, '{"query":"{ sessions { totalCount } }"}')
    expect(JSON.parse(text)).toEqual({ data: { sessions: { totalCount: 0 } } })
  })
})

describe('outside a federated graph', () => {
  const server = serving(embeddedDatabase)

  test.each(['{ _service { sdl } }', '{ _entities(representations: []) { __typename } }'])(
    '%s is unknown',
    async text => {
      const { errors = [] } = await overPost(server, text)
      expect(errors[0]?.message).toMatch(/^Cannot query field "_\w+" on type "Query"\./)
    },
  )
})
