import { operations } from '../capabilities'
import { servingAdmin } from '../support/access'
import { base } from '../support/interfaces'
import { asked, type RestRequest, restRequestsOf } from '../support/operation'
import { calculation, json, problem } from '../support/rest'

const { rest, createFound } = servingAdmin()
const { call, get, put, ...make } = rest

/** Requests of the operations that are public, or not, one for each method and path. */
function requestsOf(isPublic: boolean): [string, RestRequest][] {
  const chosen = operations.filter(({ access }) => (access === 'anyone') === isPublic)
  return [...new Map(chosen.flatMap(restRequestsOf).map(request => [request.at, request]))]
}

test.each(requestsOf(false))('%s refuses an unknown parameter before it reads anything else', async at => {
  const [method, path] = at.split(' ') as [string, string]
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
test.each(requestsOf(true))('the public %s ignores an unknown parameter', async (_, request) => {
  const { method, path } = asked(request, await createFound({ mentor_id: 'm', organisation_id: 'o' }), '')
  const answers = [await call(method, path), await call(method, `${path}?utm_source=mail&fbclid=a&utm_source=b`)]
  expect(answers.map(({ status }) => status)).toEqual([200, 200])
})
