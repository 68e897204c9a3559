import { describePages } from '../../support/pages'
import { client, problem } from '../../support/rest'
import { serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'

const server = serving(embeddedDatabase)
const { get } = client(server)

test('the page and its files are self-hosted, cacheable, and revalidated by their tags', async () => {
  const { headers, text } = await get('/docs', { Accept: 'text/html' })
  expect(headers['content-type']).toBe('text/html; charset=utf-8')
  const files = [...text.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, file = '']) => file)
  expect(files.filter(file => file !== 'data:,')).toEqual([
    '/docs/swagger-ui.css',
    '/docs/swagger-ui-bundle.js',
    '/docs/start.js',
  ])
  for (const file of ['/docs', ...files.filter(file => file.startsWith('/'))]) {
    const { status, headers } = await get(file, { 'Accept-Encoding': 'gzip' })
    expect({ status, encoding: headers['content-encoding'] }).toEqual({ status: 200, encoding: 'gzip' })
    expect(headers['cache-control']).toBe('public, max-age=300')
    const again = await get(file, { 'Accept-Encoding': 'gzip', 'If-None-Match': headers.etag })
    expect(again).toMatchObject({ status: 304, text: '' })
  }
})

test.each(['/openapi.json', '/asyncapi.json', '/docs', '/docs/start.js'])(
  'a malformed If-None-Match on %s is 400 with the header named',
  async path => {
    const said = problem(await get(path, { 'If-None-Match': 'unquoted' }))
    expect(said).toMatchObject({ code: 'invalid_request', errors: [{ header: 'If-None-Match' }] })
  },
)

test.each(['none', 'index.html', 'package.json', '..%2fpackage.json', 'constructor', '__proto__'])(
  'the page has no file %s',
  async file => expect(problem(await get(`/docs/${file}`)).code).toBe('route_not_found'),
)

// The pages fail the test if they contact another host or log an error, such as a policy violation.
describePages('in a browser', pages => {
  test('the description is shown and can be tried', async () => {
    const page = await pages.page(`${server.url}/docs`)
    const operation = page.locator('#operations-Sessions-startSession')
    await operation.locator('.opblock-summary-control').click()
    await operation.locator('button.execute').click()
    const answered = operation.locator('.live-responses-table')
    await answered.locator('.response-col_status', { hasText: '201' }).first().waitFor()
    expect(await answered.textContent()).toContain('"state": "initial"')
    expect(await page.locator('.opblock').count()).toBeGreaterThan(15)
  })

  test('a problem is a page that links to all problems', async () => {
    const page = await pages.page(`${server.url}/problems/event_refused`)
    expect(await page.locator('h1').textContent()).toBe('The session refuses this event')
    expect(await page.evaluate('getComputedStyle(document.body).maxWidth')).toBe('704px')
    await page.getByRole('link', { name: 'All problems' }).click()
    await page.getByRole('link', { name: 'share_gone' }).click()
    expect(await page.locator('h1').textContent()).toBe('The share link is gone')
  })
})
