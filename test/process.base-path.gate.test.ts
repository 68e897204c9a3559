import { follow } from './support/follow'
import { inputs } from './support/inputs'
import type { Instance } from './support/instance'
import { base, done, graphqlApi, restApi } from './support/interfaces'
import { describePages } from './support/pages'
import { run } from './support/process'
import { send } from './support/raw'
import { embeddedDatabase, type TestDatabase } from './support/stores'
import { transportNames } from './support/transports'

const prefix = '/benefits/calculator'
const html = { Accept: 'text/html' }

let database: TestDatabase
let server: Instance
/** The server's URL for clients. */
let below: { url: string }
beforeEach(async () => {
  database = await embeddedDatabase()
  server = run({ ...database.env, BASE_PATH: prefix })
  below = { url: (await server.listening()) + prefix }
})
afterEach(async () => {
  await server.stop()
  await database.drop()
})

const get = (path: string, headers = {}) => send(server.url, 'GET', path, headers)

test('every path below BASE_PATH is served as at the root, and so is the root itself', async () => {
  for (const path of ['/healthz', `${prefix}/healthz`, `${prefix}/readyz`, `${prefix}?a`, prefix]) {
    expect([path, (await get(path)).status]).toEqual([path, 200])
  }
  expect((await get(`${prefix}x/healthz`)).status).toBe(404)
  for (const api of [restApi(below), graphqlApi(below), restApi(server), graphqlApi(server)]) {
    const { session } = done(await api.start({ mentor_id: 'm' }))
    done(await api.dispatch(session.session_id, 'CalculateRequested', inputs))
    done(await api.dispatch(session.session_id, 'ShareRequested'))
    const { share } = done(await api.share(session.session_id))
    expect(share.path).toBe(`${prefix}/shared/${share.token}`)
    expect((await get(share.path, html)).status).toBe(200)
  }
  for (const transport of transportNames) {
    const followed = follow(below.url, transport)
    await followed.received(1)
    followed.connection.cut()
  }
})

test('Location, Link, problems, descriptions and pages contain BASE_PATH, and their links work', async () => {
  const json = { 'Content-Type': 'application/json' }
  const started = await send(below.url, 'POST', base, json, '{"mentor_id":"m"}')
  const location = String(started.headers.location)
  expect(location).toMatch(new RegExp(`^${prefix}${base}/session_`))
  expect((await get(location)).status).toBe(200)
  const list = await send(below.url, 'GET', base)
  expect(list.headers.link).toContain(`<${prefix}${base}?page=1&limit=20>; rel="first"`)

  for (const path of [`${prefix}/nothing`, '/nothing']) {
    const problem = JSON.parse((await get(path, { Accept: 'application/json' })).text)
    expect(problem).toMatchObject({ type: `${prefix}/problems/route_not_found`, instance: path })
    expect((await get(problem.type, html)).status).toBe(200)
  }
  const { servers } = JSON.parse((await get(`${prefix}/openapi.json`)).text)
  expect(servers).toMatchObject([{ url: prefix }])
  const described = JSON.parse((await get(`${prefix}/asyncapi.json`)).text)
  const { host } = new URL(server.url)
  expect(described.servers).toMatchObject({
    http: { host, pathname: prefix, protocol: 'http' },
    websocket: { host, pathname: prefix, protocol: 'ws' },
  })

  for (const page of ['/', '/docs', '/graphql', '/problems', '/problems/internal']) {
    const { status, text } = await get(prefix + page, html)
    const named = [...text.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, of = '']) => of).filter(of => of !== 'data:,')
    expect([page, status, named.length > 0]).toEqual([page, 200, true])
    for (const of of named) {
      expect(of.startsWith(`${prefix}/`)).toBe(true)
      expect([of, (await get(of, { Accept: '*/*' })).status]).toEqual([of, 200])
    }
  }
})

// Behind a proxy that forwards only BASE_PATH, a request to another path would not reach the server.
describePages('in a browser, with requests below BASE_PATH only', pages => {
  test('the dashboard opens sessions, goes back and follows them; GraphiQL and the description work', async () => {
    const { session } = done(await restApi(below).start({ mentor_id: 'seen' }))
    const page = await pages.page(`${below.url}/`)
    const asked: string[] = []
    page.on('request', request => void asked.push(request.url()))
    page.on('websocket', socket => void asked.push(socket.url()))
    await page.reload()
    await page.getByText('seen').first().waitFor()
    await page.locator(`a[href^="${prefix}/sessions/${session.session_id}"]`).first().click()
    await page.waitForURL(`${below.url}/sessions/${session.session_id}`)
    done(await restApi(below).dispatch(session.session_id, 'CalculateRequested', inputs))
    await page.getByTestId('result-net').getByText('287.50').waitFor()
    await page.reload()
    await page.getByTestId('result-net').getByText('287.50').waitFor()
    await page.locator(`a.brand`).click()
    await page.waitForURL(`${below.url}/`)

    await page.goto(`${below.url}/graphql`)
    await page.locator('.graphiql-query-editor .view-lines').waitFor()
    await page.locator('button.graphiql-execute-button').click()
    await page.getByRole('menuitem', { name: 'Feed' }).click()
    await page.locator('.graphiql-response').getByText('"FeedReady"').waitFor()

    await page.goto(`${below.url}/docs`)
    const operation = page.locator('#operations-Sessions-startSession')
    await operation.locator('.opblock-summary-control').click()
    await operation.locator('button.execute').click()
    await operation.locator('.response-col_status', { hasText: '201' }).first().waitFor()
    expect(asked.length).toBeGreaterThan(10)
    const beside = asked.map(url => new URL(url)).filter(({ pathname }) => !pathname.startsWith(`${prefix}/`))
    expect(beside.filter(({ protocol }) => /^(http|ws):$/.test(protocol)).map(String)).toEqual([])
  })
})
