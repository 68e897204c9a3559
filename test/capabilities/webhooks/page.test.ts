import { dashboardPolicy } from '../../../src/http/static-assets'
import { send } from '../../support/raw'
import { serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'

const withWebhooks = serving(embeddedDatabase, { config: { WEBHOOKS: true } })
const server = serving(embeddedDatabase)
const html = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

test.each(['/webhooks', '/webhooks/we_1'])('a browser gets the dashboard at %s', async path => {
  const { status, headers, text } = await send(server.url, 'GET', path, html)
  expect(status).toBe(200)
  expect(headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'content-security-policy': dashboardPolicy(),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    vary: expect.stringContaining('Accept, Accept-Encoding'),
  })
  expect(text).toContain('<div id="app">')
})

test('the page learns that the server has webhooks, and nothing otherwise', async () => {
  const meta = async ({ url }: typeof server) =>
    /<meta name="webhooks" content="([^"]*)"/.exec((await send(url, 'GET', '/', html)).text)?.[1]
  expect([await meta(withWebhooks), await meta(server)]).toEqual(['on', undefined])
})
