import type { Page } from 'playwright-core'
import { describePages } from '../support/pages'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

describePages('the header', pages => {
  const server = serving(embeddedDatabase)
  let id: string
  beforeAll(async () => {
    id = (await server.sessions.start({ mentor_id: 'ann', organisation_id: 'north' })).session.session_id
    await server.sessions.start({ mentor_id: 'ben', organisation_id: 'south' })
  })

  const tab = (page: Page, name: string) => page.getByRole('banner').getByRole('link', { name, exact: true })
  const marks = (page: Page) =>
    page
      .getByRole('banner')
      .locator('[aria-current]')
      .evaluateAll(links => links.map(link => `${link.textContent}: ${link.getAttribute('aria-current')}`))
  const isAt = (page: Page, heading: string) =>
    page.getByRole('heading', { level: 1, name: heading, exact: true }).and(page.locator(':focus')).waitFor()

  test('has a tab for each place, marks the open one, and takes the filter along', async () => {
    const page = await pages.page(`${server.url}/?organisation=north`)
    await page.locator(`[data-id="${id}"]`).waitFor()
    expect(await page.getByRole('banner').getByRole('link').allTextContents()).toEqual([
      'Mentoring benefit',
      'Calculations',
      'Report',
      'Shared',
      'Import',
    ])
    expect(await marks(page)).toEqual(['Calculations: page'])
    await tab(page, 'Report').focus()
    await page.keyboard.press('Enter')
    await isAt(page, 'Organisation north')
    expect(await marks(page)).toEqual(['Report: page'])
    await tab(page, 'Shared').click()
    await isAt(page, 'Shared')
    await tab(page, 'Import').click()
    await isAt(page, 'Import from a spreadsheet')
    await tab(page, 'Calculations').click()
    await page.locator('#sessions-heading:focus').waitFor()
    await page.waitForURL(`${server.url}/?organisation=north`)
    await page.locator(`[data-id="${id}"] a`).click()
    await isAt(page, 'Calculation ann · north')
    expect(await marks(page)).toEqual(['Calculations: true'])
  })

  test.each(['en-GB', 'de-DE', 'fr-FR'])(
    'takes one row of a phone, with all tabs at the bottom of the window: %s',
    async locale => {
      const page = await pages.page(server.url, { locale, viewport: { width: 320, height: 640 } })
      await page.locator('.connection [data-state="live"]').waitFor()
      expect((await page.getByRole('banner').boundingBox())?.height).toBeLessThan(60)
      const links = await page.locator('.tabs a').all()
      expect(links).toHaveLength(4)
      await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)')
      for (const link of links) {
        const { x = 0, y = 0, width = 0, height = 0 } = (await link.boundingBox()) ?? {}
        expect([x >= 0, x + width <= 320, y + height, height >= 44]).toEqual([true, true, 640, true])
      }
    },
  )

  test('has every order of the list on a phone, too', async () => {
    const page = await pages.page(server.url, { viewport: { width: 390, height: 844 } })
    const first = page.locator('[aria-rowindex="2"]')
    await first.getByText('ben').waitFor()
    const order = page.getByLabel('Sort order')
    expect(await order.getByRole('option').count()).toBe(18)
    await order.selectOption('Mentor, ascending')
    await first.getByText('ann').waitFor()
    await order.selectOption('Mentor, descending')
    await first.getByText('ben').waitFor()
    await page.waitForURL(`${server.url}/?sort=-mentor`)
  })
})
