import type { Page } from 'playwright-core'
import { figures } from '../../db/every-kind'
import { describePages } from '../../support/pages'
import { clockAt, serving } from '../../support/server'
import { noon, stored } from '../../support/sessions'
import { embeddedDatabase } from '../../support/stores'
import { until } from '../../support/until'

/** Returns a period that ends in a month. */
const endingIn = (month: string) => ({ period: { from: '2024-01-01', to: `${month}-15` } })

describePages('the list by months', pages => {
  const server = serving(embeddedDatabase, { clock: clockAt(noon) })

  beforeAll(async () => {
    const { store } = server
    const save = (session_id: string, mentor_id: string, ...months: (string | null)[]) =>
      stored(
        store,
        { session_id, mentor_id },
        months.map(month => figures({ sessions: 10, currency: 'GBP', ...(month && endingIn(month)) })),
      )
    await save('early', 'ann', '2025-03')
    await save('first', 'ann', '2025-04')
    await save('last', 'bob', '2026-03')
    // Computed in March 2026.
    await save('no_period', 'bob', null)
    await save('late', 'bob', '2026-04')
    await save('none', 'ann')
  })

  /** Opens a page at noon on 26 March 2026, or at another time. */
  const open = async (path: string, time: string = noon): Promise<Page> => {
    const page = await pages.page(`${server.url}/healthz`)
    await page.clock.setFixedTime(time)
    await page.goto(server.url + path)
    return page
  }
  const rows = (page: Page): Promise<string[]> =>
    page.evaluate(`[...document.querySelectorAll('.rows [data-id]')].map(row => row.dataset.id).sort()`)
  const shows = async (page: Page, ...ids: string[]): Promise<void> => {
    let found: string[] = []
    const isThere = async (): Promise<boolean> => {
      found = await rows(page)
      return found.join() === ids.toSorted().join()
    }
    await until(isThere, 30_000, () => `${ids}, not ${found}`)
    await page.getByTestId('session-count').getByText(String(ids.length), { exact: true }).waitFor()
  }
  const months = (page: Page) => page.getByRole('combobox', { name: 'Months' })
  const end = (page: Page, name: string) => page.getByRole('combobox', { name, exact: true })
  /** Opens the menu, and returns its select. */
  const yearStart = async (page: Page) => {
    const select = page.getByRole('combobox', { name: 'Financial year starts in' })
    if (!(await select.isVisible())) await page.getByRole('button', { name: 'Menu' }).click()
    return select
  }
  const range = (page: Page): string => new URL(page.url()).search

  test('is filtered by a preset, in the address, in words, in the figures and in the file', async () => {
    const page = await open('/?mentor=ann')
    await shows(page, 'early', 'first', 'none')
    await months(page).selectOption('Last 12 months: Apr 2025 – Mar 2026')
    await shows(page, 'first')
    expect(range(page)).toBe('?mentor=ann&from=2025-04&to=2026-03')
    await page
      .getByRole('heading', { name: 'Filtered calculations with a result from Apr 2025 to Mar 2026', exact: true })
      .waitFor()
    const figures = page.getByRole('region', { name: 'Key figures' })
    await figures.getByText('No results in Apr 2024 – Feb 2025 to compare with', { exact: true }).waitFor()

    await page.getByRole('button', { name: 'Remove filter Mentor ann' }).click()
    await shows(page, 'first', 'last', 'no_period')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ])
    const chunks: Buffer[] = []
    for await (const chunk of await download.createReadStream()) chunks.push(chunk)
    const [, ...lines] = Buffer.concat(chunks).toString().trim().split('\r\n')
    expect(lines.map(line => line.split(',')[0]).toSorted()).toEqual(['first', 'last', 'no_period'])

    await page.goBack()
    await page.goBack()
    await shows(page, 'early', 'first', 'none')
    expect(await months(page).inputValue()).toBe('all')
  })

  test('keeps the months on every page: calculation, report, and back', async () => {
    const page = await open('/?from=2025-04&to=2026-03')
    await shows(page, 'first', 'last', 'no_period')
    await page.locator('[data-id="last"] a').click()
    await page.waitForURL(`${server.url}/sessions/last?from=2025-04&to=2026-03`)
    await page.getByRole('link', { name: 'Back to the list' }).click()
    await shows(page, 'first', 'last', 'no_period')
    await page.getByRole('link', { name: 'Report' }).click()
    await page.getByRole('heading', { level: 1, name: 'The whole programme, Apr 2025 – Mar 2026' }).waitFor()
    await page.getByRole('link', { name: 'No organisation' }).click()
    await page.getByRole('heading', { level: 1, name: 'No organisation, Apr 2025 – Mar 2026' }).waitFor()
    await page.getByRole('link', { name: 'bob' }).click()
    await page.getByRole('heading', { level: 1, name: 'Mentor bob, Apr 2025 – Mar 2026' }).waitFor()
    await page.getByRole('navigation').getByRole('link', { name: 'The whole programme' }).click()
    await page.getByRole('heading', { level: 1, name: 'The whole programme, Apr 2025 – Mar 2026' }).waitFor()
    await page.getByRole('link', { name: 'Calculations', exact: true }).click()
    await page.waitForURL(`${server.url}/?from=2025-04&to=2026-03`)
    await shows(page, 'first', 'last', 'no_period')
  })

  test('prints the months in its title', async () => {
    const page = await open('/?from=2026-03&to=2026-03')
    await shows(page, 'last', 'no_period')
    await page.emulateMedia({ media: 'print' })
    await page.evaluate("dispatchEvent(new Event('beforeprint'))")
    await page.locator('.printed-list').getByText('Calculations with a result in Mar 2026', { exact: true }).waitFor()
  })

  test.each([
    ['?from=2026-04', 'Calculations with a result from Apr 2026 on', ['late']],
    ['?to=2025-03', 'Calculations with a result up to Mar 2025', ['early']],
  ])('may have only one end: %s', async (search, heading, ids) => {
    const page = await open(`/${search}`)
    await page.getByRole('heading', { name: heading, exact: true }).first().waitFor()
    await shows(page, ...ids)
    expect(await months(page).inputValue()).toBe('other')
    const ends = [end(page, 'From'), end(page, 'To')]
    expect((await Promise.all(ends.map(end => end.inputValue()))).includes('')).toBe(true)
  })

  test('a session enters and leaves the range when its result changes, without a reload', async () => {
    const { sessions, store } = server
    await stored(store, { session_id: 'moving', mentor_id: 'moving' }, [figures({ ...endingIn('2025-03') })])
    const page = await open('/?mentor=moving&from=2025-04&to=2026-03')
    await page.getByText('Live', { exact: true }).waitFor()
    await page.getByText('No calculations match these filters.').waitFor()
    const calculate = (sessionsHeld: number, month: string | null) =>
      sessions.dispatch('moving', figures({ sessions: sessionsHeld, ...(month && endingIn(month)) }))
    await calculate(1, '2025-04')
    await shows(page, 'moving')
    await calculate(2, '2026-04')
    await shows(page)
    // Without a period, the month of the calculation counts: March 2026.
    await calculate(3, null)
    await shows(page, 'moving')
    await sessions.dispatch('moving', { event: 'ResetRequested' })
    await shows(page)
    await calculate(4, '2026-03')
    await shows(page, 'moving')
    await sessions.close('moving')
    await shows(page)
  })

  test('other months are chosen by their first and last month, at most 120', async () => {
    const page = await open('/')
    await months(page).selectOption('Other months')
    const [from, to] = [end(page, 'From'), end(page, 'To')]
    expect([await from.inputValue(), await to.inputValue()]).toEqual(['2025-04', '2026-03'])
    await from.focus()
    await from.selectOption('Mar 2025')
    await shows(page, 'early', 'first', 'last', 'no_period')
    expect(range(page)).toBe('?from=2025-03&to=2026-03')
    expect(await page.evaluate('document.activeElement.value')).toBe('2025-03')

    // The other end follows an end that passes it.
    await to.selectOption('Feb 2025')
    await page.waitForURL(`${server.url}/?from=2025-02&to=2025-02`)
    await from.selectOption('Apr 2026')
    await page.waitForURL(`${server.url}/?from=2026-04&to=2026-04`)
    await shows(page, 'late')

    await from.selectOption('Apr 2016')
    await page.getByRole('alert').getByText('Choose at most 120 months. Start later or end earlier.').waitFor()
    expect(range(page)).toBe('?from=2026-04&to=2026-04')
    await to.selectOption('Mar 2026')
    await page.waitForURL(`${server.url}/?from=2016-04&to=2026-03`)
    expect(await page.getByRole('alert').count()).toBe(0)
    await to.selectOption('Any')
    await from.selectOption('Any')
    await page.waitForURL(`${server.url}/`)
    expect(await months(page).inputValue()).toBe('all')
  })

  test.each([
    ['2026-03-31T23:59:59Z', 'Mar 2026', 'Apr 2025 – Mar 2026', 'Jan – Dec 2026', 'Apr 2024 – Mar 2025'],
    ['2026-04-01T00:00:00Z', 'Apr 2026', 'May 2025 – Apr 2026', 'Jan – Dec 2026', 'Apr 2025 – Mar 2026'],
    ['2025-12-31T23:59:59Z', 'Dec 2025', 'Jan – Dec 2025', 'Jan – Dec 2025', 'Apr 2024 – Mar 2025'],
    ['2026-01-01T00:00:00Z', 'Jan 2026', 'Feb 2025 – Jan 2026', 'Jan – Dec 2026', 'Apr 2024 – Mar 2025'],
  ])(
    'at %s UTC, in any time zone, the presets are of these months',
    async (time, month, last12, year, lastFinancial) => {
      const page = await pages.page(`${server.url}/healthz`, { timezoneId: 'Pacific/Auckland' })
      await page.clock.setFixedTime(time)
      await page.goto(server.url)
      const options = await months(page).getByRole('option').allTextContents()
      for (const text of [
        `This month: ${month}`,
        `Last 12 months: ${last12}`,
        `This calendar year: ${year}`,
        `Last financial year: ${lastFinancial}`,
      ])
        expect(options).toContain(text)
    },
  )

  test('the browser remembers the month in which the financial year starts', async () => {
    const page = await open('/')
    await months(page).selectOption('This financial year: Apr 2025 – Mar 2026')
    expect(await (await yearStart(page)).inputValue()).toBe('4')
    await (await yearStart(page)).selectOption('September')
    await page.waitForURL(`${server.url}/?from=2025-09&to=2026-08`)
    expect(await months(page).inputValue()).toBe('thisFinancialYear')
    const other = await pages.tab(page.context(), `${server.url}/healthz`)
    await other.clock.setFixedTime(noon)
    await other.goto(`${server.url}/report`)
    await months(other).selectOption('Last financial year: Sept 2024 – Aug 2025')
    await other.getByRole('heading', { level: 1, name: 'The whole programme, Sept 2024 – Aug 2025' }).waitFor()
    expect(await (await yearStart(other)).inputValue()).toBe('9')
  })

  test('without storage, the financial year starts in April', async () => {
    const page = await pages.page(`${server.url}/healthz`)
    await page.addInitScript(
      'Object.defineProperty(globalThis, "localStorage", { get() { throw new Error("denied") } })',
    )
    await page.clock.setFixedTime(noon)
    await page.goto(server.url)
    await months(page).selectOption('This financial year: Apr 2025 – Mar 2026')
    await (await yearStart(page)).selectOption('July')
    await page.waitForURL(`${server.url}/?from=2025-07&to=2026-06`)
  })
})
