import type { Page } from 'playwright-core'
import { figures } from '../../db/every-kind'
import { describePages } from '../../support/pages'
import { serving } from '../../support/server'
import { noon, secondsAfter, stored } from '../../support/sessions'
import { embeddedDatabase } from '../../support/stores'
import { chooseInMenu } from '../../support/views'

const count = 130

describePages('a user returning from a calculation', pages => {
  const server = serving(embeddedDatabase)

  beforeAll(async () => {
    for (let i = 0; i < count; i++) {
      const who = { session_id: `session_${i}`, mentor_id: i < 120 ? 'of many' : 'of few' }
      const stated = figures({ sessions: 1 + i, label: `Label ${i}` })
      await stored(server.store, who, [stated], secondsAfter(noon, i))
    }
  })

  const link = (page: Page, id: string) => page.locator(`.rows [data-id="${id}"] a`)
  const isAt = (page: Page, id: string) => page.locator(`.rows [data-id="${id}"] a:focus`).waitFor()
  const isAtHeading = (page: Page) => page.locator('#sessions-heading:focus').waitFor()
  const isOpen = (page: Page) => page.locator('h1:focus bdi').waitFor()
  const home = (page: Page) => page.getByRole('link', { name: 'Back to the list' })
  /** Returns the window position of the focused row, after the browser's own scrolling. */
  const top = (page: Page): Promise<number> =>
    page.evaluate(`new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(() =>
      resolve(Math.round(document.activeElement.closest('[data-id], tr').getBoundingClientRect().top)))))`)
  const list = async (search = '', rows = count): Promise<Page> => {
    const page = await pages.page(`${server.url}/${search}`)
    await page.getByText('Live', { exact: true }).waitFor()
    await page.locator(`[role="grid"][aria-rowcount="${rows + 1}"]`).waitFor()
    return page
  }

  test('by keyboard has focus on the same row, at the same window position, and can continue from there', async () => {
    const page = await list()
    await page.getByRole('columnheader', { name: 'Updated' }).getByRole('button').focus()
    await page.keyboard.press('Tab')
    for (const row of [10, 20, 30, 40, 50, 60, 70, 80]) {
      await page.keyboard.press('PageDown')
      await page.locator(`.rows [aria-rowindex="${row + 2}"] a:focus`).waitFor()
    }
    for (const row of [79, 78]) {
      await page.keyboard.press('ArrowUp')
      await page.locator(`.rows [aria-rowindex="${row + 2}"] a:focus`).waitFor()
    }
    const at = await top(page)
    const pressed = async (): Promise<void> => {
      await home(page).focus()
      await page.keyboard.press('Enter')
    }
    for (const comeBack of [() => page.goBack(), pressed]) {
      await page.keyboard.press('Enter')
      await isOpen(page)
      await comeBack()
      await page.locator('.rows [aria-rowindex="80"] a:focus').waitFor()
      expect(await top(page)).toBe(at)
      expect(await page.locator('.rows [tabindex="0"]').count()).toBe(1)
      expect(await page.evaluate('document.activeElement.tabIndex')).toBe(0)
    }
    await page.keyboard.press('ArrowDown')
    await page.locator('.rows [aria-rowindex="81"] a:focus').waitFor()
  })

  test('by mouse has focus on the same row, at the same window position, although rows were added above', async () => {
    const page = await list()
    await page.evaluate('scrollTo(0, 3000)')
    for (const comeBack of [() => page.goBack(), () => home(page).click()]) {
      const index = Number(
        await link(page, 'session_75').locator('xpath=ancestor::*[@role="row"]').getAttribute('aria-rowindex'),
      )
      await link(page, 'session_75').focus()
      const at = await top(page)
      await link(page, 'session_75').click()
      await isOpen(page)
      await server.sessions.start({ mentor_id: 'late' })
      await comeBack()
      await isAt(page, 'session_75')
      await page.locator(`[data-id="session_75"][aria-rowindex="${index + 1}"]`).waitFor()
      expect(await top(page)).toBe(at)
    }
  })

  test('has focus on the row at its new position after a change moved it', async () => {
    const page = await list('?sort=-updated&mentor=of+many', 120)
    await page.evaluate('scrollTo(0, 3000)')
    await link(page, 'session_60').click()
    await isOpen(page)
    await server.sessions.dispatch('session_60', figures({ sessions: 9_000, label: 'Label 60' }))
    await page.getByTestId('result-net').getByText(/\d{3}/).waitFor()
    await page.goBack()
    await isAt(page, 'session_60')
    await page.locator('.rows [aria-rowindex="2"][data-id="session_60"]').waitFor()
    const { y, height } = (await link(page, 'session_60').boundingBox()) as { y: number; height: number }
    expect(y).toBeGreaterThan(0)
    expect(y + height).toBeLessThan(720)
  })

  test('has focus on the heading if the row is gone, was closed by the user, or never existed', async () => {
    const page = await list('?mentor=of+few', 10)
    await link(page, 'session_125').click()
    await isOpen(page)
    await server.sessions.close('session_125')
    await page.getByText('This calculation was deleted').waitFor()
    await page.goBack()
    await isAtHeading(page)

    await link(page, 'session_126').click()
    await isOpen(page)
    await chooseInMenu(page, 'Delete calculation')
    await page.getByRole('dialog').getByRole('button', { name: 'Delete calculation' }).click()
    await isAtHeading(page)

    await page.goto(`${server.url}/sessions/session_127?mentor=of+few`)
    await isOpen(page)
    await home(page).click()
    await isAtHeading(page)
  })

  test('to a report has focus on the same row there, even beyond the first page', async () => {
    const page = await pages.page(`${server.url}/report?mentor=of+many&by=label`)
    await page.getByRole('button', { name: 'Show more' }).click()
    const row = page.locator('.breakdown tbody tr:nth-child(70) a')
    await row.focus()
    const [id, at] = [await row.getAttribute('href'), await top(page)]
    await page.keyboard.press('Enter')
    await isOpen(page)
    await page.goBack()
    await page.locator(`.breakdown tbody a[href="${id}"]:focus`).waitFor()
    expect(await top(page)).toBe(at)
  })
})
