import type { Page } from 'playwright-core'
import { describePages } from '../../support/pages'
import { type Server, serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'
import { messySheet, tabSeparated } from './messy-sheet'
import { button, cell, faultOf, show } from './page'

/** Returns the stored results, each with its mentor. */
async function stored({ sessions }: Server) {
  const all = await sessions.queries.list({}, { limit: 200, offset: 0 })
  const found = await Promise.all(all.map(({ session_id }) => sessions.queries.get(session_id)))
  return found.flatMap(({ mentor_id, result }) => (result ? { mentor_id, ...result.inputs } : []))
}

const pasteSheet = async (page: Page): Promise<void> => {
  await page.getByLabel('Rows from your spreadsheet').fill(tabSeparated(messySheet()))
  await button(page, 'Check rows').click()
}

describePages('a messy sheet of 120 rows', pages => {
  const server = serving(embeddedDatabase)

  test('is imported rightly with a few answers and the corrections of its faults, and can be undone', async () => {
    await server.sessions.start({ mentor_id: 'Zoe Baker', organisation_id: 'Northside School' })
    const earlier = await server.sessions.start({ mentor_id: 'Luca Brown', organisation_id: 'Northside School' })
    const figures = { sessions: 7, avg_minutes: 45, cost_per_session: 4.75, cost_per_hour: 23, currency: 'GBP' }
    const period = { from: '2026-01-13', to: '2026-03-27' }
    await server.sessions.dispatch(earlier.session.session_id, {
      event: 'CalculateRequested',
      payload: { ...figures, period },
    })
    const page = await pages.page(`${server.url}/import`)
    await pasteSheet(page)

    // It finds the headers, leaves out what is no calculation, and asks only what it can't know.
    const headers = page.getByLabel('The column names are in')
    expect(await headers.locator('option:checked').textContent()).toMatch(/^row 3: Mentor name, School, From/)
    await page.getByText('Columns: 9 recognised').waitFor()
    await page.getByText('5 rows that look like totals, headings or remarks: rows 44, 85, 126, 127, 129').waitFor()
    await page.getByText('6 rows that are the same as an earlier row').waitFor()
    expect(await page.getByLabel(/^What is column/).count()).toBe(1)
    await page.getByLabel('What is column “Phone”, such as “07700 900100”?').waitFor()
    await button(page, 'Import 86, leave out 39').waitFor()

    await page.getByLabel('Amounts without a currency, in 58 rows, are in').selectOption('GBP, British Pound')
    await page.getByText('1 row that matches a calculation that already exists').waitFor()
    await page.getByRole('group', { name: '$ in 20 rows' }).getByLabel('Canadian Dollar').check()
    await page.getByLabel('Yes: 1.234,50 is 1234.50').check()
    await page.getByText('Zoë Baker (14 rows) → Zoe Baker').waitFor()
    await button(page, 'Change all 5').click()
    await page.getByText('Are these the same names?').waitFor({ state: 'detached' })

    // The faults are the only rows to touch, and the button beside the others says so.
    await button(page, '5 to fix').click()
    expect(await faultOf(page, 'Average length', 37)).toBe('Average length can’t be more than 1,440.')
    await cell(page, 'Number of sessions', 13).fill('15')
    await cell(page, 'Average length', 37).fill('45')
    await cell(page, 'Last day', 66).fill('27/03/2026')
    await cell(page, 'Value per hour', 82).fill('27')
    await cell(page, 'Number of sessions', 107).fill('12')
    await button(page, 'Import 113, leave out 12').click()
    await show(page, 'Imported 113').waitFor()

    const results = await stored(server)
    const count = (wanted: object): number =>
      results.filter(result => Object.entries(wanted).every(([name, value]) => Reflect.get(result, name) === value))
        .length
    expect([results.length, count({ currency: 'CAD' }), count({ cost_per_session: 1234.5 })]).toEqual([114, 20, 5])
    expect(new Set(results.map(({ mentor_id }) => mentor_id))).toEqual(
      new Set([
        'Aisha Khan',
        'Ben Carter',
        'Emma Smith',
        'José García',
        'Luca Brown',
        'Priya Patel',
        'Tom O’Brien',
        'Zoe Baker',
      ]),
    )
    expect(new Set(results.map(({ period }) => period?.to))).toEqual(new Set(['2026-03-27']))
    expect(count({ note: 'Met in the library, mostly' })).toBeGreaterThan(5)

    await button(page, 'Undo this import').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Undo this import' }).click()
    await page.locator('.undone').getByText('113 calculations deleted.').waitFor()
    expect(await stored(server)).toHaveLength(1)
  })

  test('keeps the mentor and the scrollbars in view, and shows the columns with faults first', async () => {
    const page = await pages.page(`${server.url}/import`)
    await pasteSheet(page)
    const names = await page.getByRole('columnheader').allTextContents()
    expect(names.slice(0, 3)).toEqual(['Mentor', 'First day', 'Last day'])
    expect(names.indexOf('Value per hour')).toBeLessThan(names.indexOf('Organisation'))
    const grid = page.locator('.grid')
    const mentor = cell(page, 'Mentor', 4)
    const before = await mentor.boundingBox()
    await grid.evaluate('element => element.scrollTo({ left: 10_000 })')
    expect((await mentor.boundingBox())?.x).toBe(before?.x)
    const { height = 0 } = (await grid.boundingBox()) ?? {}
    expect(height).toBeLessThan(page.viewportSize()?.height ?? 0)
    // On a phone, the tabs are below the bar with the button.
    await page.setViewportSize({ width: 390, height: 844 })
    const bar = await page.locator('.import-progress').boundingBox()
    const tabs = await page.getByRole('link', { name: 'Import', exact: true }).boundingBox()
    expect((bar?.y ?? 0) + (bar?.height ?? 0)).toBeLessThanOrEqual(tabs?.y ?? 0)
  })

  test('reads one column of months or dates as periods, and shows their last days', async () => {
    const page = await pages.page(`${server.url}/import`)
    const sheet = [
      ['Mentor', 'Month', 'Meetings', 'Length', 'Cost per meeting', 'Worth per hour'],
      ['Nia', 'Feb 2026', '3', '1h30', '£4', '£24'],
      ['Nia', 'March', '3', '0:45', '£4', '£24'],
      ['Nia', '2026-04-07', '1', '0:45', '£4', '£24'],
    ]
    await page.getByLabel('Rows from your spreadsheet').fill(tabSeparated(sheet))
    await button(page, 'Check rows').click()
    expect(await cell(page, 'Last day', 2).getAttribute('placeholder')).toBe('2026-02-28')
    expect(await faultOf(page, 'First day', 3)).toMatch(/^First day must be a date or a month with its year/)
    await cell(page, 'First day', 3).fill('Mar-26')
    await button(page, 'Import 3 rows').click()
    await show(page, 'Imported 3').waitFor()
    const results = (await stored(server)).filter(({ mentor_id }) => mentor_id === 'Nia')
    expect(results.map(({ period, avg_minutes }) => [period?.from, period?.to, avg_minutes]).sort()).toEqual([
      ['2026-02-01', '2026-02-28', 90],
      ['2026-03-01', '2026-03-31', 45],
      ['2026-04-07', '2026-04-07', 45],
    ])
  })

  test('is read anew if the user says that the headers are elsewhere', async () => {
    const page = await pages.page(`${server.url}/import`)
    await pasteSheet(page)
    await page.getByLabel('The column names are in').selectOption('no row')
    await show(page, 'All 127').waitFor()
    await page.getByLabel('The column names are in').selectOption({ index: 2 })
    await show(page, 'All 125').waitFor()
  })
})
