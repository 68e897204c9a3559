import { capabilities } from '../../src/capabilities'
import { operationsOf } from '../../src/rest/description/openapi'
import { linksOf } from '../../src/rest/links'
import { resourcesOf } from '../../src/rest/routes'
import { capabilityConfig } from '../capabilities'
import { client, linksAt } from '../support/rest'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase, { config: capabilityConfig })
const { get, call } = client(server)

/** The names that clients of version 1.0.0 know. */
const known = {
  dashboard: '/',
  docs: '/docs',
  openapi: '/openapi.json',
  asyncapi: '/asyncapi.json',
  graphql: '/graphql',
  graphql_stream: '/graphql/stream',
  sessions: '/api/v1/benefit-calculator-sessions',
  events: '/api/v1/benefit-calculator-events',
  calculations: '/api/v1/benefit-calculations',
  problems: '/problems',
  health: '/healthz',
  readiness: '/readyz',
}

test('GET / lists every described path under a name of its own, a path with parameters as a template', async () => {
  const links = await linksAt(server.url)
  expect(links).toMatchObject({
    ...known,
    session: '/api/v1/benefit-calculator-sessions/{session_id}',
    session_events: '/api/v1/benefit-calculator-sessions/{session_id}/events',
    session_result: '/api/v1/benefit-calculator-sessions/{session_id}/results/{result_id}',
    shared_result: '/shared/{token}',
    problem: '/problems/{code}',
  })
  const described = operationsOf(resourcesOf(capabilities)).map(({ path }) => path)
  const paths = Object.values(links)
  expect(paths).toEqual(expect.arrayContaining(described))
  expect(new Set(paths).size).toBe(paths.length)
  for (const name of Object.keys(links)) expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/)
})

test('each path of GET / is served', async () => {
  for (const [name, template] of Object.entries(await linksAt(server.url))) {
    const { status } = await call('OPTIONS', template.replaceAll(/\{\w+\}/g, 'x'))
    // At `/`, a browser gets the dashboard.
    expect([name, status]).toEqual([name, 204])
  }
  expect((await get('/', { Accept: 'text/html' })).headers['content-type']).toBe('text/html; charset=utf-8')
})

test('two resources cannot have the same name', () => {
  expect(() => linksOf([{ path: '/api/v1/benefit-others' }, { path: '/others' }])).toThrow(/same name/)
})
