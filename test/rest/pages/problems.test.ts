import { errorCodes, errorRow } from '../../../src/domain/errors'
import { graphqlErrorCodes } from '../../../src/domain/graphql-errors'
import { provoking } from '../../support/provoked'
import { client, problem } from '../../support/rest'

const { server, provoked } = provoking()
const { get } = client(server)

describe.each(errorCodes())('%s', code => {
  test('can be provoked, has its status, and has Retry-After where that helps', async () => {
    const answer = await provoked(code)
    expect(problem(answer)).toMatchObject({ code, status: errorRow(code).status, type: `/problems/${code}` })
    const waits = ['request_in_flight', 'rate_limited', 'unavailable'].includes(code)
    expect(answer.headers['retry-after']).toEqual(waits ? expect.stringMatching(/^[1-9]\d*$/) : undefined)
    if (code === 'method_not_allowed') expect(answer.headers.allow).toBe('GET, HEAD, POST, OPTIONS')
  })

  test('is explained at its type: as JSON, and as a page if HTML is preferred', async () => {
    const { status, headers, text } = await get(`/problems/${code}`)
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'application/json; charset=utf-8' })
    const said = JSON.parse(text)
    const { status: stated, title, when, remedy } = errorRow(code)
    const explained = { status: stated, title, when, remedy }
    expect(said).toMatchObject({ type: `/problems/${code}`, code, ...explained })
    for (const sentences of [said.when, said.remedy]) expect(sentences).toMatch(/^[A-Z`].*\.$/)

    const page = await get(`/problems/${code}`, { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' })
    expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8', vary: 'Accept' } })
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; /)
    for (const shown of [`<h1>${explained.title}</h1>`, code, ...said.members]) expect(page.text).toContain(shown)
  })

  test('has the members that its explanation names, and no others', async () => {
    const { type, title, status, detail, instance, code: _, ...further } = problem(await provoked(code))
    const { members, example } = JSON.parse((await get(type)).text)
    expect(Object.keys(further)).toEqual(members)
    expect(example).toMatchObject({ type, title, status })
    expect(Object.keys(example)).toEqual(['type', 'title', 'status', 'detail', 'code', 'instance', ...members])
    expect([detail, instance].every(text => text.length > 0)).toBe(true)
  })
})

test('the list of problems has every code once, as JSON and as a page', async () => {
  const { data } = JSON.parse((await get('/problems')).text) as { data: { code: string }[] }
  const codes = [...errorCodes(), ...graphqlErrorCodes]
  expect(data.map(({ code }) => code)).toEqual(codes)
  const page = await get('/problems', { Accept: 'text/html' })
  for (const code of codes) expect(page.text).toContain(`<a href="/problems/${code}">`)
})

test.each(['none', 'constructor', '__proto__', 'internal%20', 'INTERNAL_SERVER_ERROR'])(
  'the unknown code %s is not found',
  async code => expect(problem(await get(`/problems/${code}`)).code).toBe('route_not_found'),
)
