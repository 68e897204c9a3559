import type { Page } from 'playwright-core'
import { monthAfter } from '../../../src/domain/months'
import { figures } from '../../db/every-kind'
import { describePages } from '../../support/pages'
import { clockAt, serving } from '../../support/server'
import { noon, stored } from '../../support/sessions'
import { embeddedDatabase } from '../../support/stores'
import { until } from '../../support/until'

const strange = 'a/b c?d#e%f&g+h 🎓 שלום'
const long = 'y'.repeat(200)
const october = { from: '2025-10-01', to: '2025-10-31' }
const december = { from: '2025-12-01', to: '2025-12-31' }
const march = { from: '2026-03-01', to: '2026-03-26' }

describePages('the report', pages => {
  const server = serving(embeddedDatabase, { clock: clockAt(noon) })

  beforeAll(async () => {
    const { store } = server
    const inNorth = { organisation_id: 'north' }
    for (let i = 0; i < 25; i++) {
      const stated = i % 2 ? { period: october, cost_per_session: 20 } : { period: march }
      const mentor_id = `mentor ${String(i).padStart(2, '0')}`
      await stored(store, { ...inNorth, mentor_id, session_id: `session_${i}` }, [
        figures({ sessions: 100 + i, currency: 'GBP', ...stated }),
      ])
    }
    await stored(store, { ...inNorth, mentor_id: long }, [figures({ sessions: 0, currency: 'EUR', period: december })])
    await stored(store, { mentor_id: strange, organisation_id: strange }, [figures({ label: 'Reading' })])
    await stored(store, { mentor_id: 'alone' }, [
      figures({ sessions: 999_999, cost_per_hour: 999_999, currency: 'JPY' }),
    ])
  })

  const address = (filter: Record<string, string>): string => `${server.url}/report?${new URLSearchParams(filter)}`
  const table = (page: Page, name: string) => page.getByRole('table', { name, exact: true })
  const rowsOf = async (page: Page, name: string): Promise<string[]> =>
    (await table(page, name).locator('tbody tr th').allTextContents()).map(text => text.trim())

  test('has the totals of an organisation by currency, and updates at once', async () => {
    const page = await pages.page(address({ organisation: 'north' }))
    await page.getByRole('heading', { level: 1, name: 'Organisation north' }).waitFor()
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H1')
    const totals = table(page, 'Totals by currency')
    await totals.getByRole('row', { name: 'GBP, British Pound 25' }).waitFor()
    expect(await rowsOf(page, 'Totals by currency')).toEqual(['GBP, British Pound', 'EUR, Euro'])
    await table(page, 'Mentors').getByRole('row', { name: 'mentor 24 1 1' }).waitFor()

    const asked: string[] = []
    page.on('request', request => asked.push(/^query (\w+)/.exec(request.postDataJSON()?.query)?.[1] ?? ''))
    for (let i = 1; i <= 20; i++) {
      await server.sessions.dispatch('session_24', figures({ sessions: 10_000 + i, currency: 'GBP', period: march }))
    }
    await table(page, 'Mentors')
      .getByRole('row', { name: /^mentor 24 1 1 5,010.00/ })
      .waitFor()
    expect(asked.filter(name => name === 'Mentors').length).toBeLessThanOrEqual(2)
    expect(asked.filter(name => name === 'Sources').length).toBeLessThanOrEqual(1)
  })

  test('is reloaded once the server is reachable again', async () => {
    const page = await pages.page(address({ organisation: 'north', mentor: 'mentor 02' }))
    const calculations = table(page, 'Calculations')
    await calculations.getByRole('row', { name: /51\.00/ }).waitFor()
    await page.context().setOffline(true)
    await page.getByText('Offline', { exact: true }).waitFor()
    await server.sessions.dispatch('session_2', figures({ sessions: 8_000, currency: 'GBP', period: march }))
    await page.context().setOffline(false)
    await calculations.getByRole('row', { name: /4,000\.00/ }).waitFor()
    await table(page, 'Totals by currency')
      .getByRole('row', { name: /4,000\.00/ })
      .waitFor()
    pages.complaints()
  })

  test('shows value against cost by month: no bars without results, a line for a value of 0, a mark for a loss', async () => {
    const page = await pages.page(address({ organisation: 'north' }))
    const bars = (month: string) => page.locator(`[data-month="${month}-01"] rect:is(.value, .cost)`)
    await bars('2026-03').first().waitFor()
    expect(await bars('2026-02').count()).toBe(0)
    expect(await bars('2025-12').count()).toBe(0)
    expect(await page.locator('[data-month] .mark').count()).toBe(1)
    expect(await page.locator('[data-month="2025-10-01"] .mark').count()).toBe(1)
    expect(await page.getByText('results in this currency').count()).toBe(0)

    await page.getByRole('button', { name: 'Chart options' }).click()
    await page.getByRole('button', { name: 'Show as a table' }).click()
    const row = (month: string) => table(page, 'Value and cost by month').getByRole('row', { name: month })
    expect(await row('October 2025').locator('.loss').count()).toBe(1)
    expect(await row('February 2026').textContent()).toMatch(/no results.*none/)

    await page.getByLabel('Amounts in').selectOption('EUR, Euro')
    await bars('2025-12').first().waitFor()
    expect(await bars('2026-03').count()).toBe(0)
    expect(await row('December 2025').getByText('€0.00').count()).toBe(3)
  })

  test.each([320, 768, 1_280])(
    'on a screen of %d pixels no label of the chart is cut off or overlaps another',
    async width => {
      const page = await pages.page(server.url, { locale: 'de-DE', viewport: { width, height: 800 } })
      for (const count of [12, 24, 36]) {
        const months = { from: monthAfter('2026-03', 1 - count), to: '2026-03' }
        await page.goto(address({ ...months, amounts: 'JPY' }))
        await page.locator(`.chart:has([data-month]:nth-of-type(${count}))`).waitFor()
        const found = await page.evaluate(`(() => {
        const svg = document.querySelector('.chart svg[role="img"]')
        const within = svg.getBoundingClientRect()
        const boxes = [...svg.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()])
        const cut = boxes.filter(([, { left, right, top, bottom }]) =>
          left < within.left - 0.5 || right > within.right + 0.5 || top < within.top - 0.5 || bottom > within.bottom + 0.5)
        const crossed = boxes.flatMap(([a, x], i) => boxes.slice(i + 1)
          .filter(([, y]) => x.left < y.right && y.left < x.right && x.top + 3 < y.bottom && y.top + 3 < x.bottom)
          .map(([b]) => a + ' × ' + b))
        return { labels: boxes.length > 6, cut: cut.map(([text]) => text), crossed }
      })()`)
        expect(found).toEqual({ labels: true, cut: [], crossed: [] })
      }
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    },
  )

  test('has a row with the exact totals below each table, also if it shows only some of the rows', async () => {
    const page = await pages.page(`${server.url}/report`)
    const pounds = table(page, 'Totals by currency').getByRole('row', { name: /^GBP/ })
    await pounds.waitFor()
    const [results, , hours, ...amounts] = await pounds.locator('td').allInnerTexts()
    for (const name of ['Organisations', 'Mentors']) {
      await table(page, name).locator('tfoot').waitFor()
      const shown = await table(page, name).locator('tfoot td').allInnerTexts()
      const organisation = name === 'Mentors' ? [''] : []
      expect([name, ...shown]).toEqual([name, ...organisation, '28', `${results} of 28`, hours, ...amounts])
    }
    expect(await table(page, 'Mentors').locator('tbody tr').count()).toBe(20)
    await table(page, 'Mentors').getByRole('row', { name: 'mentor 24 north 1 1' }).waitFor()
    await page.getByText(/^Showing 20 of /).waitFor()
  })

  test('says how many results are of earlier and of later months', async () => {
    const page = await pages.page(address({ organisation: 'north', from: '2025-12', to: '2026-01' }))
    await page.getByText('12 results from earlier months and 13 results from later months are not included.').waitFor()
  })

  test('lists mentors in the order of any column, and Show more moves the focus to the first new one', async () => {
    const page = await pages.page(address({ organisation: 'north' }))
    await table(page, 'Mentors').waitFor()
    expect((await rowsOf(page, 'Mentors')).length).toBe(20)
    await page.getByRole('button', { name: 'Show more' }).click()
    await page.locator('.breakdown tbody tr:nth-child(26)').waitFor()
    const focusedRow = () => page.evaluate<number>('document.activeElement.closest("tr")?.rowIndex')
    await until(async () => (await focusedRow()) === 21, 10_000, 'the focus')
    await page.getByRole('columnheader', { name: 'Mentor' }).getByRole('button').click()
    await page.locator('.breakdown tbody tr:first-child', { hasText: 'mentor 00' }).waitFor()
    const names = await rowsOf(page, 'Mentors')
    expect(names).toEqual(names.toSorted())
    await page.getByRole('columnheader', { name: 'Mentor' }).getByRole('button').click()
    await page.locator('.breakdown tbody tr:first-child', { hasText: long }).waitFor()
    expect(await page.locator('.breakdown th[aria-sort="descending"]').textContent()).toContain('Mentor')
    // A mentor without an amount in the currency comes last, in both directions.
    await page.getByRole('columnheader', { name: 'Ratio' }).getByRole('button').click()
    await page.locator('.breakdown tbody tr:last-child', { hasText: long }).waitFor()
  })

  test('keeps its choices in its address: they survive a reload and work in a copied link, and Back undoes each', async () => {
    const page = await pages.page(server.url)
    await page.clock.setFixedTime(noon)
    await page.goto(`${address({ organisation: 'north' })}&sort=-time_value&currency=EUR`)
    const months = (on: Page) => on.getByRole('combobox', { name: 'Months' })
    const isShown = async (on: Page, range: string, currency: string, first: string): Promise<void> => {
      await on.getByRole('heading', { level: 1, name: `Organisation north${range}`, exact: true }).waitFor()
      await on.locator('.months > p', { hasText: currency }).first().waitFor()
      await on.locator('.breakdown tbody tr:first-child', { hasText: first }).waitFor()
    }
    const year = ', Jan – Dec 2025'
    await isShown(page, '', 'GBP', 'mentor 24')
    const begun = page.url()
    await months(page).selectOption('Last calendar year: Jan – Dec 2025')
    await isShown(page, year, 'GBP', 'mentor 23')
    await page.getByLabel('Amounts in').selectOption('EUR, Euro')
    await isShown(page, year, 'EUR', long)
    await page.getByRole('columnheader', { name: 'Mentor' }).getByRole('button').click()
    await isShown(page, year, 'EUR', 'mentor 01')
    const chosen = new URL(page.url()).searchParams
    expect(Object.fromEntries(chosen)).toEqual({
      ...{ organisation: 'north', sort: '-time_value', currency: 'EUR' },
      ...{ from: '2025-01', to: '2025-12', amounts: 'EUR', by: 'id' },
    })
    await page.reload()
    await isShown(page, year, 'EUR', 'mentor 01')
    await isShown(await pages.page(page.url()), year, 'EUR', 'mentor 01')

    await page.getByRole('link', { name: 'mentor 03' }).click()
    await page.getByRole('heading', { level: 1, name: `Mentor mentor 03 at north${year}` }).waitFor()
    expect(new URL(page.url()).searchParams.get('by')).toBeNull()
    await page.goBack()
    await isShown(page, year, 'EUR', 'mentor 01')
    await page.goBack()
    await isShown(page, year, 'EUR', long)
    await page.goBack()
    await isShown(page, year, 'GBP', 'mentor 23')
    await page.goBack()
    await isShown(page, '', 'GBP', 'mentor 24')
    expect(page.url()).toBe(begun)
    await page.goForward()
    await isShown(page, year, 'GBP', 'mentor 23')

    // Default values are omitted again, and the list keeps its order.
    await months(page).selectOption('All months')
    await page.getByLabel('Amounts in').selectOption('EUR, Euro')
    await page.getByLabel('Amounts in').selectOption('GBP, British Pound')
    const value = page.getByRole('columnheader', { name: 'Value' }).getByRole('button')
    await value.click()
    await page.waitForURL(/by=time_value$/)
    await value.click()
    await isShown(page, '', 'GBP', 'mentor 24')
    expect(page.url()).toBe(begun)
    await page.getByRole('link', { name: 'Calculations', exact: true }).click()
    await page.waitForURL(`${server.url}/?organisation=north&sort=-time_value&currency=EUR`)
  })

  test.each([
    'months=13&amounts=gbp&by=-nonsense',
    'from=2026-13&amounts=USD&by=period',
    'from=2026-02&to=2026-01&by=-time_value',
  ])('has its default choices if its address has invalid ones: %s', async choices => {
    const page = await pages.page(`${address({ organisation: 'north' })}&${choices}`)
    await page.locator('.breakdown tbody tr:first-child', { hasText: 'mentor 24' }).waitFor()
    await page.locator('.chart').getByLabel('of 12 months').waitFor()
    expect(await page.getByLabel('Amounts in').inputValue()).toBe('GBP')
    expect(await page.locator('.breakdown [aria-sort="descending"]').textContent()).toContain('Value')
  })

  test('leads from the list to an organisation, its mentor and a calculation, with any names', async () => {
    const page = await pages.page(server.url)
    await page.getByRole('link', { name: 'Report' }).click()
    await page.getByRole('heading', { level: 1, name: 'The whole programme' }).waitFor()
    await table(page, 'Organisations').getByRole('link', { name: strange }).click()
    await page.getByRole('heading', { level: 1, name: `Organisation ${strange}` }).waitFor()
    expect(await page.title()).toBe(`${strange} – report`)
    await page.reload()
    await table(page, 'Mentors').getByRole('link', { name: strange }).click()
    await page.getByRole('heading', { level: 1, name: `Mentor ${strange} at ${strange}` }).waitFor()
    expect(await page.locator('h1 bdi').allTextContents()).toEqual([strange, strange])
    await page.getByRole('navigation').getByRole('link', { name: strange }).waitFor()
    await table(page, 'Calculations').getByRole('link', { name: 'Reading' }).click()
    await page.waitForURL(/\/sessions\//)
    await page.goBack()
    await page.getByRole('link', { name: 'Calculations', exact: true }).click()
    await page.getByTestId('session-count').getByText('1', { exact: true }).waitFor()
  })

  test('has a page for sessions without an organisation, and for a mentor without one', async () => {
    const page = await pages.page(`${server.url}/report`)
    await table(page, 'Organisations').getByRole('link', { name: 'No organisation' }).click()
    await page.getByRole('heading', { level: 1, name: 'No organisation' }).waitFor()
    await table(page, 'Mentors').waitFor()
    expect(await rowsOf(page, 'Mentors')).toEqual(['alone'])
    expect(await rowsOf(page, 'Totals by currency')).toEqual(['JPY, Japanese Yen'])
    await page.reload()
    await table(page, 'Mentors').getByRole('link', { name: 'alone' }).click()
    await page.getByRole('heading', { level: 1, name: 'Mentor alone' }).waitFor()
    await page.getByRole('navigation').getByRole('link', { name: 'No organisation' }).waitFor()
    await page.getByRole('link', { name: 'Calculations', exact: true }).click()
    await page.getByTestId('session-count').getByText('1', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Remove filter Organisation none' }).click()
    await page.waitForURL(`${server.url}/?mentor=alone`)
  })

  test('without results says so, and shows no 0 while it loads', async () => {
    const page = await pages.page(`${server.url}/?${new URLSearchParams({ organisation: strange })}`)
    await page.evaluate(`globalThis.seen = []; new MutationObserver(() =>
      seen.push(...[...document.querySelectorAll('.report td')].map(cell => cell.textContent))
    ).observe(document.body, { childList: true, subtree: true, characterData: true })`)
    await page.getByRole('link', { name: 'Report' }).click()
    await page.locator('.breakdown tbody tr').first().waitFor()
    const seen = (await page.evaluate('seen')) as string[]
    expect(seen.filter(text => /^\D*0(\.00)?$|^–$/.test(text))).toEqual([])
    await page.goto(address({ mentor: 'nobody' }))
    await page.getByText('No results yet', { exact: false }).waitFor()
  })

  test.each(['A4', 'Letter'])(
    'prints on two sheets of %s, even in the dark scheme and from a small window',
    async format => {
      const page = await pages.page(address({ organisation: 'north' }), {
        colorScheme: 'dark',
        viewport: { width: 400, height: 800 },
      })
      await page.locator('.breakdown tbody tr').nth(19).waitFor()
      await page.locator('.chart').waitFor()
      const pdf = (await page.pdf({ format, preferCSSPageSize: true })).toString('latin1')
      expect(pdf.match(/\/Type \/Page\b(?!s)/g)?.length).toBeLessThanOrEqual(2)
      await page.emulateMedia({ media: 'print' })
      expect(await page.evaluate('getComputedStyle(document.querySelector(".report")).color')).toBe('rgb(23, 33, 43)')
      for (const kept of ['As of', 'From 26 results', 'Value and cost by month', 'a published VIVA ratio', 'mentor 24'])
        expect(await page.getByText(kept).first().isVisible()).toBe(true)
      expect(await page.getByRole('button', { name: 'Print' }).count()).toBe(0)
    },
  )

  test('exports the calculations that it covers', async () => {
    const page = await pages.page(address({ organisation: strange }))
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ])
    const chunks: Buffer[] = []
    for await (const chunk of await download.createReadStream()) chunks.push(chunk)
    const [, ...rows] = Buffer.concat(chunks).toString().trim().split('\r\n')
    expect(rows).toEqual([expect.stringContaining(strange)])
  })
})
