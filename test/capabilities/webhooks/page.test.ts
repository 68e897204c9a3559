import { expectDashboard } from '../../support/dashboard-page'
import { send } from '../../support/raw'
import { serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'

const withWebhooks = serving(embeddedDatabase, { config: { WEBHOOKS: true } })
const server = serving(embeddedDatabase)
const html = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

test.each(['/webhooks', '/webhooks/we_1'])('a browser gets the dashboard at %s', async path => {
  expectDashboard(await send(server.url, 'GET', path, html))
})

test('the page learns that the server has webhooks, and nothing otherwise', async () => {
  const meta = async ({ url }: typeof server) =>
    /<meta name="webhooks" content="([^"]*)"/.exec((await send(url, 'GET', '/', html)).text)?.[1]
  expect([await meta(withWebhooks), await meta(server)]).toEqual(['on', undefined])
})
