import { type Filled, fill } from '../../bench/filling'
import { describePages } from '../support/pages'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const count = 2_000

describePages(`${count} sessions`, pages => {
  let filled: Filled[]
  const server = serving(async () => {
    const database = await embeddedDatabase()
    const store = await database.open()
    filled = await fill(store, count)
    await store.end()
    return database
  })
  const oldest = (): string => filled[0]?.session_id ?? ''

  test('are listed, with no more rows rendered than fit the window', async () => {
    const page = await pages.page(server.url)
    await page.getByRole('grid', { name: '2,000 calculations' }).waitFor()
    await page.locator('[role="grid"][aria-rowcount="2001"]').waitFor()
    expect(await page.locator('.rows .row').count()).toBeLessThan(60)
    await page.getByTestId('session-count').getByText('2,000', { exact: true }).waitFor()
  })

  test('scroll with as few rendered rows at every step, down to the oldest', async () => {
    const page = await pages.page(server.url)
    await page.locator('[role="grid"][aria-rowcount="2001"]').waitFor()
    const rendered = (await page.evaluate(`new Promise(resolve => {
      const counts = []
      const step = () => {
        counts.push(document.querySelectorAll('.rows .row').length)
        scrollBy(0, 4000)
        if (counts.length < 30) requestAnimationFrame(step)
        else resolve(counts)
      }
      requestAnimationFrame(step)
    })`)) as number[]
    expect(Math.max(...rendered)).toBeLessThan(60)
    await page.locator(`[data-id="${oldest()}"]`).waitFor()
  })

  test('can be walked by keyboard, and the focus stays on its row while rows are added above', async () => {
    const page = await pages.page(server.url)
    await page.locator('[role="grid"][aria-rowcount="2001"]').waitFor()
    const focused = () => page.evaluate("document.activeElement.closest('[data-id]')?.dataset.id")
    await page.getByRole('columnheader', { name: 'Updated' }).getByRole('button').focus()
    await page.keyboard.press('Tab')
    const first = await focused()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    const third = await focused()
    expect(new Set([first, third]).size).toBe(2)
    await page.keyboard.press('Control+End')
    await page.locator(`[data-id="${oldest()}"] a:focus`).waitFor()
    const top = () => page.evaluate('Math.round(document.activeElement.getBoundingClientRect().top)')
    const before = await top()
    await server.sessions.start({ mentor_id: 'late' })
    await page.locator('[role="grid"][aria-rowcount="2002"]').waitFor()
    expect(await focused()).toBe(oldest())
    expect(await top()).toBe(before)
    await page.keyboard.press('Control+Home')
    await page.locator('.rows .row[aria-rowindex="2"] a:focus').waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: /^Calculation / }).waitFor()
  })
})
