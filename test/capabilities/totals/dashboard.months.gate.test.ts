import type { Page } from 'playwright-core'
import { figures } from '../../db/every-kind'
import { describePages } from '../../support/pages'
import { clockAt, serving } from '../../support/server'
import { noon, stored } from '../../support/sessions'
import { embeddedDatabase } from '../../support/stores'

describePages('a report by months', pages => {
  const server = serving(embeddedDatabase, { clock: clockAt(noon) })

  beforeAll(async () => {
    const { store } = server
    const save = (mentor_id: string, ...results: [month: string, currency?: string][]): Promise<unknown[]> =>
      Promise.all(
        results.map(([month, currency]) =>
          stored(store, { mentor_id, organisation_id: 'north' }, [
            figures({
              sessions: 10,
              period: { from: '2014-01-01', to: `${month}-15` },
              ...(currency && { currency }),
            }),
          ]),
        ),
      )
    await save('ann', ['2015-01', 'GBP'], ['2025-04', 'GBP'], ['2025-05', 'GBP'], ['2026-03', 'EUR'])
    await save('bob', ['2025-12', 'EUR'], ['2026-04', 'GBP'], ['2026-05'])
    await stored(store, { mentor_id: 'cal', organisation_id: 'north' })
    await stored(store, { mentor_id: 'dee', organisation_id: 'south' }, [figures({ currency: 'GBP' })])
  })

  /** Opens a page at noon on 26 March 2026. */
  const open = async (path: string): Promise<Page> => {
    const page = await pages.page(`${server.url}/healthz`)
    await page.clock.setFixedTime(noon)
    await page.goto(server.url + path)
    return page
  }
  const says = (page: Page, text: string) => page.locator('.report .counts').getByText(text, { exact: true }).waitFor()
  const row = (page: Page, table: string, name: string | RegExp) =>
    page.getByRole('table', { name: table, exact: true }).getByRole('row', { name }).waitFor()

  test('without a range has totals of all months and the last 12 by month, and says so', async () => {
    const page = await open('/report?organisation=north')
    await page.getByRole('heading', { level: 1, name: 'Organisation north', exact: true }).waitFor()
    await says(
      page,
      'The totals cover all months. The monthly figures cover the last 12: Apr 2025 – Mar 2026. 4 of 7 results are in GBP, British Pound. 1 result from earlier months and 2 results from later months are in the totals, but not in the monthly figures. 1 calculation has no result yet.',
    )
    await row(page, 'Totals by currency', 'GBP, British Pound 4')
    await page.getByText('2 of the 4 results in this currency are in these months.', { exact: false }).waitFor()
    await page
      .getByText('Amounts and numbers of results cover GBP only. The number of calculations covers all currencies.')
      .waitFor()
    await row(page, 'Mentors', /^ann 4 3 of 4 /)
    await row(page, 'Mentors', /^bob 3 1 of 3 /)
    await row(page, 'Mentors', /^cal 1 0 /)
  })

  test('with a range counts only its results, and mentions those of other months', async () => {
    const page = await open('/report?organisation=north&from=2025-04&to=2026-03&amounts=EUR')
    await page
      .getByRole('heading', { level: 1, name: 'Organisation north, Apr 2025 – Mar 2026', exact: true })
      .waitFor()
    await says(
      page,
      '2 of 4 results are in EUR, Euro. 1 result from earlier months and 2 results from later months are not included.',
    )
    expect(await page.title()).toBe('north, Apr 2025 – Mar 2026 – report')
    await row(page, 'Totals by currency', 'EUR, Euro 2')
    await page.locator('.chart').getByLabel('of 12 months').waitFor()
    // All results in this currency are in these months, so no sentence counts them.
    await page.getByText('A result counts in the month in which its period ends', { exact: false }).waitFor()
    expect(await page.getByText('in this currency').count()).toBe(0)
    await row(page, 'Mentors', /^ann 3 1 of 3 /)
    await row(page, 'Mentors', /^bob 1 1 /)

    await page.emulateMedia({ media: 'print' })
    await page.getByText('Organisation north, Apr 2025 – Mar 2026').waitFor()
    expect(await page.locator('.counts').isVisible()).toBe(true)
    expect(await page.getByRole('combobox').count()).toBe(0)
  })

  test('changes with the range, and the focus stays where it is', async () => {
    const page = await open('/report')
    const south = page.getByRole('table', { name: 'Organisations' }).getByRole('row', { name: 'south' })
    await south.waitFor()
    const months = page.getByRole('combobox', { name: 'Months' })
    await months.focus()
    await months.selectOption('Last calendar year: Jan – Dec 2025')
    await page.getByRole('heading', { level: 1, name: 'The whole programme, Jan – Dec 2025', exact: true }).waitFor()
    await south.waitFor({ state: 'detached' })
    await row(page, 'Organisations', /^north 3 2 of 3 /)
    await says(
      page,
      '2 of 3 results are in GBP, British Pound. 1 result from earlier months and 4 results from later months are not included.',
    )
    expect(await page.evaluate('document.activeElement.value')).toBe('lastYear')
    await page.getByRole('status').getByText('The whole programme, Jan – Dec 2025').waitFor({ state: 'attached' })
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ])
    const chunks: Buffer[] = []
    for await (const chunk of await download.createReadStream()) chunks.push(chunk)
    expect(Buffer.concat(chunks).toString().trim().split('\r\n')).toHaveLength(1 + 3)

    await months.selectOption('This month: Mar 2026')
    await page.getByRole('heading', { level: 1, name: 'The whole programme, Mar 2026', exact: true }).waitFor()
    await row(page, 'Organisations', 'south 1 1')
    await page.goto(`${server.url}/report?from=2020-01&to=2020-02`)
    await page.getByText('No results in these months.').waitFor()
    await says(page, '1 result from earlier months and 7 results from later months are not included.')
  })

  test('is live: a result that enters the range is counted, and one that leaves it is mentioned', async () => {
    const mentor_id = 'moving'
    const { session_id } = await stored(server.store, { mentor_id }, [figures({ currency: 'GBP' })])
    const page = await open('/report?mentor=moving&from=2026-03&to=2026-03')
    await row(page, 'Totals by currency', 'GBP, British Pound 1')
    const period = { from: '2026-03-01', to: '2026-04-01' }
    await server.sessions.dispatch(session_id, figures({ currency: 'GBP', period }))
    await page.getByText('No results in these months.').waitFor()
    await says(page, '1 result from later months is not included.')
    await server.sessions.dispatch(session_id, figures({ currency: 'JPY' }))
    await row(page, 'Totals by currency', 'JPY, Japanese Yen 1')
    await page.locator('.counts').waitFor({ state: 'detached' })
    await server.sessions.close(session_id)
    await page.getByText('No results in these months.').waitFor()
  })

  test('of an old address with months=24 has the last 24 months', async () => {
    const page = await open('/report?organisation=north&months=24')
    await page
      .getByRole('heading', { level: 1, name: 'Organisation north, Apr 2024 – Mar 2026', exact: true })
      .waitFor()
    await page.locator('.chart').getByLabel('of 24 months').waitFor()
    await says(
      page,
      '2 of 4 results are in EUR, Euro. 1 result from earlier months and 2 results from later months are not included.',
    )
  })

  test('has up to 120 months', async () => {
    const page = await open('/report?from=2016-04&to=2026-03')
    await page.locator('.chart').getByLabel('of 120 months').waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
  })

  test.each(['from=2015-01&to=2025-01', 'from=2015-01', 'to=2026-03'])(
    'of more than 120 months says so, and has only totals: %s',
    async range => {
      const page = await open(`/report?${range}`)
      await page.getByRole('alert').getByText('Choose at most 120 months. Start later or end earlier.').waitFor()
      await page.getByRole('table', { name: 'Totals by currency' }).waitFor()
      expect(await page.locator('.chart').count()).toBe(0)
      await page.getByRole('combobox', { name: 'Months' }).selectOption('Last 12 months: Apr 2025 – Mar 2026')
      await page.locator('.chart').waitFor()
      expect(await page.getByRole('alert').count()).toBe(0)
    },
  )
})
