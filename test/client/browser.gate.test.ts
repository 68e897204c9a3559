import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describePages } from '../support/pages'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { until } from '../support/until'
import { bundled } from './bundled'

describePages('the client in a page', pages => {
  const server = serving(embeddedDatabase)
  let page: Page
  beforeAll(async () => {
    const code = await bundled(join(__dirname, '../../../packages/client/dist/esm/index.js'))
    page = await pages.page(server.url)
    await page.evaluate(code)
  })

  const told = (count: number) =>
    until(async () => (await page.evaluate('told.length')) === count, 20_000, `${count} changes`)

  test('follows and changes sessions, and reconnects at once when the device is online again', async () => {
    const { session } = await server.sessions.start({ mentor_id: 'm' })
    const id = session.session_id
    await page.evaluate(`
      globalThis.told = []
      const sessions = new client.SessionsClient({ url: location.origin })
      globalThis.sessions = sessions
      void (async () => {
        for await (const { type, session } of sessions.followSessions()) told.push([type, session?.id])
      })()
    `)
    await told(3)
    await page.context().setOffline(true)
    await server.sessions.start({ mentor_id: 'missed' })
    await page.context().setOffline(false)
    await told(5)
    await page.evaluate(`sessions.closeSession({ id: ${JSON.stringify(id)}, version: 1 })`)
    await told(6)
    expect(await page.evaluate('told')).toEqual([
      ['reset', undefined],
      ['snapshot', id],
      ['synced', undefined],
      ['changed', expect.any(String)],
      ['synced', undefined],
      ['closed', id],
    ])
  })
})
