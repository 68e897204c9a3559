import { operationsOf } from '../../src/rest/description/openapi'
import { resources } from '../support/described'
import { base } from '../support/interfaces'
import { calculation, client, json, problem } from '../support/rest'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase, { config: { WEBHOOKS: true } })
const { call, get, put, ...make } = client(server)

const operations = operationsOf(resources).map(({ method, path, isPublic }) => ({
  method: method.toUpperCase(),
  path,
  isPublic,
}))
const named = (isPublic: boolean) =>
  operations.filter(operation => operation.isPublic === isPublic).map(({ method, path }) => [method, path] as const)

test.each(named(false))('%s %s refuses an unknown parameter before it reads anything else', async (method, path) => {
  const answer = await call(method, `${path.replace(/\{\w+\}/g, 'none')}?nonsense=1`, { Accept: 'image/png' })
  const errors = expect.arrayContaining([expect.objectContaining({ parameter: 'nonsense' })])
  expect(problem(answer)).toMatchObject({ status: 400, code: 'invalid_query', errors })
})

test('an operation without parameters says so', async () => {
  const { errors } = problem(await get(`${await make.loaded()}/results?mentor_id=m`))
  expect(errors).toEqual([
    { detail: 'is not a known parameter: this operation has no query parameters', parameter: 'mentor_id' },
  ])
})

test('a refused change changes nothing', async () => {
  const path = await make.started()
  expect(problem(await put(`${path}?version=1`, calculation, json)).code).toBe('invalid_query')
  expect(problem(await call('DELETE', `${path}?force=true`)).code).toBe('invalid_query')
  expect(JSON.parse((await get(path)).text)).toMatchObject({ state: 'initial' })
})

test('HEAD refuses it as GET does, and OPTIONS ignores it', async () => {
  expect((await call('HEAD', `${base}?mentor=m`)).status).toBe(400)
  expect((await call('OPTIONS', `${base}?mentor=m`)).status).toBe(204)
})

// Links to them get parameters from mail programs, social networks, caches and probes.
test.each(named(true))('the public %s %s ignores an unknown parameter', async (method, path) => {
  const loaded = await make.loaded()
  await put(loaded, '{"event":"ShareRequested"}')
  const { token } = JSON.parse((await get(`${loaded}/share`)).text) as { token: string }
  const report = await make.post('/api/v1/benefit-reports', '{"title":"Report","from":"2026-01","to":"2026-12"}')
  const ofReport = (JSON.parse(report.text) as { token: string }).token
  const at = path.replace('{token}', path.startsWith('/reports') ? ofReport : token).replace('{code}', 'internal')
  const answers = [await call(method, at), await call(method, `${at}?utm_source=mail&fbclid=a&utm_source=b`)]
  expect(answers.map(({ status }) => status)).toEqual([200, 200])
})
