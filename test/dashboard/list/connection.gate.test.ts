import type { WebSocketRoute } from 'playwright-core'
import { describePages } from '../../support/pages'
import { serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'
import { wordsOf } from '../../support/views'

describePages('the connection of the list', pages => {
  const server = serving(embeddedDatabase)
  beforeAll(() => server.sessions.start({ mentor_id: 'ann' }))

  test('is shown as lost as soon as the device is offline, and is retried at once when it is online again', async () => {
    const page = await pages.page(`${server.url}/docs`)
    await page.clock.install({ time: '2026-01-01' })
    await page.goto(server.url)
    const state = page.locator('.connection')
    await state.getByText('Live', { exact: true }).waitFor()
    // While the clock stands still, neither a missing response nor a scheduled attempt is noticed.
    await page.clock.pauseAt('2026-01-02')
    await page.context().setOffline(true)
    await state.getByText('Offline', { exact: true }).waitFor()
    await server.sessions.start({ mentor_id: 'ben' })
    await page.context().setOffline(false)
    await state.getByText('Live').waitFor()
    await page.clock.resume()
    await page.getByRole('link', { name: 'ben', exact: true }).waitFor()
    pages.complaints()
  })

  test.each(['en-GB', 'de-DE', 'fr-FR'])('fits a screen of 320 pixels while it is lost: %s', async locale => {
    const page = await pages.page(`${server.url}/docs`, { locale, viewport: { width: 320, height: 640 } })
    const lines: WebSocketRoute[] = []
    let refuses = false
    await page.routeWebSocket(/graphql/, socket => {
      if (refuses) return void socket.close()
      socket.connectToServer()
      lines.push(socket)
    })
    await page.goto(server.url)
    const words = wordsOf(locale).connection
    await page.locator('.connection').getByText(words.live, { exact: true }).waitFor()
    refuses = true
    for (const line of lines) await line.close()
    await page.locator('.connection .detail').waitFor()
    await page.locator('.connection').getByText(words.reconnecting).waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
  })

  test('is explained in a popover that Esc or a click outside closes', async () => {
    const page = await pages.page(server.url)
    const opener = page.getByRole('button', { name: 'Live' })
    const explained = page.getByText('This page shows changes to all calculations', { exact: false })
    await opener.click()
    await explained.waitFor()
    await page.keyboard.press('Escape')
    await explained.waitFor({ state: 'hidden' })
    await opener.click()
    await explained.waitFor()
    await page.mouse.click(20, 700)
    await explained.waitFor({ state: 'hidden' })
  })

  test('shows no figures and rows until they are loaded: no zero, and no empty list', async () => {
    const page = await pages.page(`${server.url}/docs`)
    await page.routeWebSocket(/graphql/, () => {})
    await page.route('**/graphql', () => {})
    await page.goto(server.url)
    await page.getByText('Loading…').waitFor()
    const figures = await page.getByRole('region', { name: 'Key figures' }).textContent()
    expect(figures).toContain('–')
    expect(figures).not.toMatch(/\d/)
  })
})
