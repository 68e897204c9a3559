import type { Page } from 'playwright-core'
import { figures } from '../../db/every-kind'
import { describePages, violations } from '../../support/pages'
import { clockAt, serving } from '../../support/server'
import { noon, stored } from '../../support/sessions'
import { embeddedDatabase } from '../../support/stores'
import { wordsOf } from '../../support/views'

const ashe = 'ASHE 2025 <median>'

describePages('the sources of the values per hour', pages => {
  const server = serving(embeddedDatabase, { clock: clockAt(noon) })

  beforeAll(async () => {
    const { store } = server
    const inNorth = { organisation_id: 'north' }
    const results = [
      { value_source: ashe, currency: 'GBP', cost_per_hour: 30 },
      { value_source: ashe, currency: 'GBP', cost_per_hour: 25.125 },
      { value_source: ashe, currency: 'EUR', cost_per_hour: 31 },
      { value_source: ashe, currency: 'GBP', cost_per_hour: 30 },
      ...[28, 9, 100, 31].map(cost_per_hour => ({ currency: 'GBP', cost_per_hour })),
      ...Array.from({ length: 5 }, () => ({ currency: 'GBP', cost_per_hour: 27 })),
      { value_source: 'A survey', cost_per_hour: 20 },
    ]
    for (const [i, result] of results.entries())
      await stored(store, { ...inNorth, mentor_id: `mentor ${i % 2}`, session_id: `session_${i}` }, [figures(result)])
    await stored(store, { ...inNorth, mentor_id: 'mentor 0' }, [])
    await stored(store, { organisation_id: 'south', mentor_id: 'other' }, [
      figures({ value_source: 'Another survey', currency: 'GBP', cost_per_hour: 18 }),
    ])
    for (let i = 0; i < 1_001; i++)
      await stored(store, { organisation_id: 'large', mentor_id: 'many' }, [
        figures({ value_source: `Source ${i % 12}`, currency: 'GBP', cost_per_hour: 18 }),
      ])
  })

  const report = (filter: Record<string, string>): string => `${server.url}/report?${new URLSearchParams(filter)}`
  const table = (page: Page, locale = 'en-GB') =>
    page.getByRole('table', { name: wordsOf(locale).sources.heading, exact: true })
  const rows = async (page: Page): Promise<string[][]> => {
    await table(page).waitFor()
    const found = await table(page).locator('tbody tr').all()
    return Promise.all(
      found.map(async row => {
        const cells = await row.locator('th, td').allInnerTexts()
        return cells.map(text => text.trim())
      }),
    )
  }

  test('are listed with their results and values, the most frequent one first, and those without one last', async () => {
    const page = await pages.page(report({ organisation: 'north' }))
    expect(await rows(page)).toEqual([
      [ashe, '4', '€31.00\n£25.125, £30.00'],
      ['A survey', '1', '20.00'],
      ['No source stated', '9', '£9.00 to £100.00 (5 values)'],
    ])
    expect(await page.getByText('From the newest').count()).toBe(0)
    expect(await violations(page)).toEqual([])
  })

  test('are those of the mentor of the report', async () => {
    const page = await pages.page(report({ organisation: 'north', mentor: 'mentor 1' }))
    expect(await rows(page)).toEqual([
      [ashe, '2', '£25.125, £30.00'],
      ['A survey', '1', '20.00'],
      ['No source stated', '4', '£9.00, £27.00, £31.00'],
    ])
  })

  test('of the newest 1,000 calculations are counted, the first ten listed, and the report says so', async () => {
    const page = await pages.page(report({ organisation: 'large' }))
    await table(page).waitFor()
    await page.getByText('From the newest 1,000 of 1,001 calculations.').waitFor()
    expect((await rows(page)).length).toBe(10)
    await page.getByRole('button', { name: 'Show all 12' }).click()
    const all = await rows(page)
    expect(all.length).toBe(12)
    expect(all.reduce((sum, [, results]) => sum + Number(results), 0)).toBe(1_000)
  })

  test('are not shown before there is a result', async () => {
    const page = await pages.page(report({ mentor: 'nobody' }))
    await page.getByText('No results yet', { exact: false }).waitFor()
    expect(await table(page).count()).toBe(0)
  })

  test('of other months replace the former ones, which are marked until then, and an error does too', async () => {
    const page = await pages.page(`${server.url}/healthz`)
    await page.clock.setFixedTime(noon)
    await page.goto(report({ organisation: 'north' }))
    await table(page).getByText(ashe).waitFor()
    let answer = (): void => {}
    const isSeen = new Promise<void>(resolve => {
      answer = resolve
    })
    await page.route('**/graphql', async route => {
      if (!/^query Sources/.test(route.request().postDataJSON().query)) return route.fallback()
      await isSeen
      const errors = [{ message: 'x', extensions: { code: 'INTERNAL' } }]
      await route.fulfill({ json: { errors } })
    })
    await page.getByRole('combobox', { name: 'Months', exact: true }).selectOption({ index: 2 })
    await page.getByRole('heading', { level: 1, name: 'Organisation north, Apr 2025 – Mar 2026' }).waitFor()
    await page.locator('.card[aria-busy="true"]').filter({ hasText: ashe }).waitFor()
    answer()
    await page.getByRole('alert').filter({ hasText: /./ }).waitFor()
    expect(await table(page).count()).toBe(0)
  })

  test.each(['en-GB', 'de-DE', 'fr-FR'])('fit a small screen, and print: %s', async locale => {
    const page = await pages.page(report({ organisation: 'north' }), { locale, viewport: { width: 320, height: 640 } })
    await table(page, locale).getByText(ashe).waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    expect(await violations(page)).toEqual([])
    await page.emulateMedia({ media: 'print' })
    expect(await table(page, locale).getByText(ashe).isVisible()).toBe(true)
  })
})
