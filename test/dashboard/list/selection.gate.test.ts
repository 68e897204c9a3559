import type { Page } from 'playwright-core'
import { figures } from '../../db/every-kind'
import { rowsOf } from '../../support/csv'
import { describePages, type Pages } from '../../support/pages'
import { serving } from '../../support/server'
import { keyFile, madeKey } from '../../support/service-keys'
import { noon, secondsAfter, stored } from '../../support/sessions'
import { embeddedDatabase } from '../../support/stores'
import { until } from '../../support/until'
import { chooseInMenu, wordsOf } from '../../support/views'

const count = 1_100

const box = (page: Page, i: number) => page.locator(`[data-id="s${i}"]`).getByRole('checkbox')
const bar = (page: Page) => page.getByRole('region', { name: 'Selected calculations' })
const chosen = (page: Page): Promise<string[]> =>
  page.evaluate(`[...document.querySelectorAll('.rows [aria-selected="true"]')]
    .sort((a, b) => a.ariaRowIndex - b.ariaRowIndex).map(row => row.dataset.id)`)
const counted = (page: Page, text: string) => bar(page).getByText(text, { exact: true }).waitFor()

async function listed(pages: Pages, url: string): Promise<Page> {
  const page = await pages.page(url)
  await page.locator('.rows [data-id]').first().waitFor()
  await page.getByText('Live', { exact: true }).waitFor()
  return page
}

/** Returns the ids in a file that the page downloads when it does something. */
async function exported(page: Page, act: () => Promise<void>): Promise<string[]> {
  const [download] = await Promise.all([page.waitForEvent('download'), act()])
  const chunks: Buffer[] = []
  for await (const chunk of await download.createReadStream()) chunks.push(chunk)
  return rowsOf(Buffer.concat(chunks).toString()).map(({ session_id }) => String(session_id))
}

describePages('the selection of rows', pages => {
  const server = serving(embeddedDatabase)
  const exists = async (i: number): Promise<boolean> => (await server.sessions.queries.findSnapshot(`s${i}`)) !== null

  beforeEach(async () => {
    for (let i = 0; i < 60; i++) {
      if (await exists(i)) continue
      const who = { session_id: `s${i}`, mentor_id: `mentor ${i % 3}` }
      const commands = i % 10 === 9 ? [] : [figures({ label: `Label ${i}`, sessions: 1 + i })]
      await stored(server.store, who, commands, secondsAfter(noon, i))
    }
  })

  test('is empty at first: no bar, and no box is seen until the pointer is on its row', async () => {
    const page = await listed(pages, server.url)
    expect(await bar(page).count()).toBe(0)
    const seen = (i: number) =>
      page.evaluate(`getComputedStyle(document.querySelector('[data-id="s${i}"] input')).opacity`)
    expect(await seen(59)).toBe('0')
    await page.locator('[data-id="s59"] a').hover()
    expect(await seen(59)).toBe('1')
  })

  test('has single rows, a range with Shift, and all loaded rows', async () => {
    const page = await listed(pages, server.url)
    await box(page, 57).click()
    await counted(page, '1 selected')
    await box(page, 53).click({ modifiers: ['Shift'] })
    await counted(page, '5 selected')
    expect(await chosen(page)).toEqual(['s57', 's56', 's55', 's54', 's53'])
    await box(page, 55).click()
    await counted(page, '4 selected')
    const all = page.getByRole('columnheader').getByRole('checkbox', { name: 'Select all loaded calculations' })
    expect(await all.evaluate('document.querySelector(".head input").indeterminate')).toBe(true)
    await all.click()
    await page.getByText(/^(50|60) selected$/).waitFor()
    expect(await all.isChecked()).toBe(true)
    await all.click()
    await bar(page).waitFor({ state: 'detached' })
    expect(await chosen(page)).toEqual([])
  })

  test('works by keyboard: Space selects a row, Shift extends, Control+A selects all', async () => {
    const page = await listed(pages, server.url)
    await page.getByRole('link', { name: 'Label 58', exact: true }).focus()
    await page.keyboard.press('Space')
    await counted(page, '1 selected')
    expect(page.url()).toBe(`${server.url}/`)
    expect(await chosen(page)).toEqual(['s58'])
    await page.keyboard.press('Shift+ArrowDown')
    await page.keyboard.press('Shift+ArrowDown')
    await counted(page, '3 selected')
    expect(await chosen(page)).toEqual(['s58', 's57', 's56'])
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Shift+Space')
    await counted(page, '5 selected')
    await page.keyboard.press('ArrowLeft')
    expect(await page.evaluate('document.activeElement.type')).toBe('checkbox')
    await page.keyboard.press('Space')
    await counted(page, '4 selected')
    expect(await chosen(page)).toEqual(['s58', 's57', 's56', 's55'])
    await page.keyboard.press('Control+a')
    await page.getByText(/^(50|60) selected$/).waitFor()
    const clear = bar(page).getByRole('button', { name: 'Clear selection' })
    await clear.focus()
    await page.keyboard.press('Enter')
    await bar(page).waitFor({ state: 'detached' })
    expect(await page.evaluate('document.activeElement.dataset.column')).toBe('0')
  })

  test('survives scrolling, another order and live changes, and is cleared by another filter', async () => {
    const page = await listed(pages, server.url)
    await box(page, 59).click()
    await box(page, 56).click()
    await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)')
    await page.locator('[data-id="s0"]').waitFor()
    await box(page, 0).click()
    await counted(page, '3 selected')
    await server.sessions.dispatch('s56', figures({ sessions: 900, label: 'Changed' }))
    await page.getByLabel('Sort order').selectOption('Updated, descending')
    await page.locator('[aria-rowindex="2"][data-id="s56"]').waitFor()
    await counted(page, '3 selected')
    expect(await box(page, 56).isChecked()).toBe(true)
    await server.sessions.close('s0')
    await counted(page, '2 selected')
    await page.locator('[data-id="s56"] a').click()
    await page.getByRole('heading', { name: 'Changed' }).waitFor()
    await page.goBack()
    await counted(page, '2 selected')
    await page.getByLabel('Status').selectOption('With a result')
    await bar(page).waitFor({ state: 'detached' })
    expect(await chosen(page)).toEqual([])
  })

  test('a row that leaves the filter leaves the selection', async () => {
    const page = await listed(pages, `${server.url}/?state=loaded`)
    await box(page, 58).click()
    await box(page, 57).click()
    await server.sessions.dispatch('s58', { event: 'ResetRequested' })
    await counted(page, '1 selected')
    expect(await chosen(page)).toEqual(['s57'])
    await server.sessions.dispatch('s58', figures({ label: 'Label 58' }))
  })

  test('a row whose months leave the filter leaves the selection', async () => {
    const page = await listed(pages, `${server.url}/?from=2026-01&to=2026-12`)
    await box(page, 58).click()
    await box(page, 57).click()
    await counted(page, '2 selected')
    const period = { from: '2024-01-01', to: '2024-01-31' }
    await server.sessions.dispatch('s58', figures({ label: 'Label 58', period }))
    await counted(page, '1 selected')
    expect(await chosen(page)).toEqual(['s57'])
  })

  test('a row that is calculated again stays selected under a filter by status', async () => {
    const page = await listed(pages, `${server.url}/?state=loaded`)
    await box(page, 57).click()
    await box(page, 56).click()
    await server.sessions.dispatch('s57', figures({ label: 'Calculated again' }))
    await page.locator('[data-id="s57"]').getByText('Calculated again').waitFor()
    await counted(page, '2 selected')
    expect((await chosen(page)).toSorted()).toEqual(['s56', 's57'])
    await server.sessions.dispatch('s57', figures({ label: 'Label 57' }))
  })

  test('rows of the previous filter can’t be selected', async () => {
    const page = await listed(pages, server.url)
    let release = (): void => {}
    const released = new Promise<void>(resolve => {
      release = resolve
    })
    await page.route('**/graphql', async route => {
      if (route.request().postDataJSON().query.startsWith('query List')) await released
      await route.fallback()
    })
    await page.getByLabel('Status').selectOption('No result yet')
    await page.locator('.list.stale [data-id="s58"]').waitFor()
    await box(page, 58).click()
    await page.keyboard.press('Control+a')
    expect([await chosen(page), await bar(page).count(), await box(page, 58).isChecked()]).toEqual([[], 0, false])
    release()
    await page.locator('.list:not(.stale) [data-id="s59"]').waitFor()
    await box(page, 59).click()
    await counted(page, '1 selected')
  })

  test('exports only the selected rows, in the order of the list', async () => {
    const page = await listed(pages, server.url)
    for (const i of [51, 58, 55]) await box(page, i).click()
    const button = bar(page).getByRole('button', { name: 'Export CSV' })
    expect(await exported(page, () => button.click())).toEqual(['s58', 's55', 's51'])
  })

  test('deletes what the dialog names, and nothing before it is confirmed', async () => {
    const page = await listed(pages, server.url)
    await box(page, 49).click()
    await box(page, 42).click({ modifiers: ['Shift'] })
    await counted(page, '8 selected')
    await bar(page).getByRole('button', { name: 'Delete' }).click()
    const dialog = page.getByRole('dialog', { name: 'Delete 8 calculations?' })
    await dialog.getByText('7 of them have a current result', { exact: false }).waitFor()
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Keep them')
    const items = dialog.getByRole('listitem')
    expect(await items.locator('> bdi').allTextContents()).toEqual([
      'mentor 1',
      'Label 48',
      'Label 47',
      'Label 46',
      'Label 45',
    ])
    expect(await items.nth(1).locator('.facts').textContent()).toMatch(/^mentor 0, Value [\d,]+\.\d\d$/)
    await dialog.getByRole('button', { name: 'and 3 more' }).click()
    expect(await dialog.getByRole('listitem').count()).toBe(8)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await counted(page, '8 selected')
    await bar(page).getByRole('button', { name: 'Delete' }).click()
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await bar(page).waitFor({ state: 'detached' })
    await page.getByText('8 calculations deleted.').waitFor()
    await page.locator('[data-id="s45"]').waitFor({ state: 'detached' })
    expect(await Promise.all([49, 42, 50, 41].map(exists))).toEqual([false, false, true, true])
    expect(await page.evaluate('document.activeElement.id')).toBe('sessions-heading')
  })

  test('starts deleted ones anew with all that the numbers say, once, also after a reload', async () => {
    const whole = {
      ...figures({ label: 'Label 201' }).payload,
      currency: 'GBP',
      period: { from: '2026-01-05', to: '2026-03-27' },
      value_source: 'A survey',
      note: 'Two\nlines',
      cost_per_hour_range: { low: 0, high: 100_000 },
    }
    const who = { mentor_id: 'Emma', organisation_id: 'Oak' }
    await server.sessions.start({ ...who, external_id: 'crm-1', inputs: whole })
    await server.sessions.start({ ...who, external_id: 'crm-2' })
    const page = await listed(pages, `${server.url}/?mentor=Emma`)
    const boxes = page.locator('.rows').getByRole('checkbox')
    await boxes.first().click()
    await boxes.nth(1).click()
    await counted(page, '2 selected')
    await bar(page).getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByText('“Undo” starts them again', { exact: false }).waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    const deleted = page.getByRole('region', { name: 'Deleted calculations' })
    await deleted.getByText('2 calculations deleted').waitFor()
    await page.getByText('No calculations match these filters.').waitFor()
    await page.reload()

    await deleted.getByRole('button', { name: 'Undo' }).click()
    const dialog = page.getByRole('dialog', { name: 'Start 2 calculations again?' })
    await dialog.getByText('history and IDs are lost', { exact: false }).waitFor()
    let lost = 0
    await page.route('**/graphql', async route => {
      if (!route.request().postDataJSON().query.includes('startSession') || lost++ > 0) return route.fallback()
      await route.fetch()
      await route.abort()
    })
    await dialog.getByRole('button', { name: 'Start again' }).click()
    await page.locator('.rows [data-id]').nth(1).waitFor()
    await deleted.waitFor({ state: 'detached' })
    const answer = await fetch(`${server.url}/api/v1/benefit-calculator-sessions?mentor_id=Emma&view=full`)
    const { data } = (await answer.json()) as { data: Record<string, unknown>[] }
    expect(
      data.map(({ external_id, organisation_id, result }) => [external_id, organisation_id, result]).sort(),
    ).toEqual([
      ['crm-1', 'Oak', expect.objectContaining({ inputs: whole })],
      ['crm-2', 'Oak', null],
    ])
    await page.reload()
    await page.locator('.rows [data-id]').nth(1).waitFor()
    expect(await deleted.count()).toBe(0)
    for (const { session_id } of data) await server.sessions.close(String(session_id))
    expect(pages.complaints()).toEqual(['console error: Failed to load resource: net::ERR_FAILED'])
  })

  test('offers to undo a deletion from the page of a calculation, until it is hidden', async () => {
    const page = await pages.page(`${server.url}/sessions/s41`)
    await chooseInMenu(page, 'Delete calculation')
    await page.getByRole('dialog').getByRole('button', { name: 'Delete calculation' }).click()
    const deleted = page.getByRole('region', { name: 'Deleted calculations' })
    await deleted.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('dialog').getByText('Label 41').waitFor()
    await page.keyboard.press('Escape')
    await deleted.getByRole('button', { name: 'Hide' }).click()
    await deleted.waitFor({ state: 'detached' })
    expect(await page.evaluate('Object.keys(sessionStorage).filter(name => name.startsWith("deleted"))')).toEqual([])
  })

  test('sets the currency, period and source of selected rows, and names the rows without a result', async () => {
    const page = await listed(pages, server.url)
    await box(page, 59).click()
    await box(page, 57).click({ modifiers: ['Shift'] })
    const { label: _, ...before } = (await server.sessions.queries.get('s58')).result?.inputs ?? {}
    await bar(page).getByRole('button', { name: 'Set details' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('2 of 3 calculations will change.').waitFor()
    expect(await dialog.getByRole('listitem').allTextContents()).toEqual(['mentor 2'])
    const submit = dialog.getByRole('button', { name: 'Set for 2 calculations' })
    await submit.click()
    await dialog.getByText('Enter a currency, a period or a source.').waitFor()
    await dialog.getByLabel('Currency', { exact: true }).fill('€')
    await dialog.getByLabel('Source of the value per hour').fill('A survey')
    await dialog.getByLabel('First day').fill('2026-01-01')
    await submit.click()
    await dialog.getByText('Last day is required.').waitFor()
    await dialog.getByLabel('Last day').fill('2026-03-31')
    await submit.click()
    await dialog.getByRole('heading', { name: '2 calculations changed.' }).waitFor()
    expect(await dialog.getByRole('listitem').allTextContents()).toEqual(['mentor 2'])
    await dialog.getByRole('button', { name: 'Close' }).click()
    await counted(page, '1 selected')
    expect((await server.sessions.queries.get('s58')).result?.inputs).toEqual({
      ...before,
      label: 'Label 58',
      currency: 'EUR',
      period: { from: '2026-01-01', to: '2026-03-31' },
      value_source: 'A survey',
    })
    await page.locator('[data-id="s57"] .value').getByText('€').waitFor()
    expect((await server.sessions.queries.get('s59')).version).toBe(1)
  })

  test('leaves and names those that somebody changed while the dialog was open', async () => {
    const page = await listed(pages, server.url)
    for (const i of [48, 47, 46]) await box(page, i).click()
    await bar(page).getByRole('button', { name: 'Delete' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('heading', { name: 'Delete 3 calculations?' }).waitFor()
    await server.sessions.dispatch('s47', figures({ sessions: 777, label: 'Changed meanwhile' }))
    await page.locator('[data-id="s47"]').getByText('Changed meanwhile').waitFor()
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await dialog.getByRole('heading', { name: '2 calculations deleted.' }).waitFor()
    await dialog.getByText('someone changed them in the meantime', { exact: false }).waitFor()
    expect(await dialog.getByRole('listitem').allTextContents()).toEqual(['Label 47'])
    await dialog.getByRole('button', { name: 'Close' }).click()
    await counted(page, '1 selected')
    expect(await Promise.all([48, 47, 46].map(exists))).toEqual([false, true, false])
    // By now, the user sees the newer version.
    await bar(page).getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('1 calculation deleted.').waitFor()
    expect(await exists(47)).toBe(false)
  })

  test('announces one text after another, each for a second', async () => {
    const page = await listed(pages, server.url)
    const announced = page.locator('p.unseen[role=status]')
    const now = Date.now()
    await page.clock.install({ time: now - 60_000 })
    await page.reload()
    await box(page, 54).click()
    await bar(page).getByRole('button', { name: 'Delete' }).click()
    await page.clock.pauseAt(now)
    // By now, what was announced before is over.
    await page.clock.runFor(3_000)
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('region', { name: 'Deleted calculations' }).getByText('1 calculation deleted').waitFor()
    for (const text of ['Deleting 1 calculation…', '1 calculation deleted.']) {
      await page.clock.runFor(50)
      expect(await announced.textContent()).toBe(text)
      await page.clock.runFor(999)
      expect(await announced.textContent()).toBe(text)
      await page.clock.runFor(1)
    }
  })

  test('keeps the dialog open if nothing is left to delete, and says so', async () => {
    for (const i of [101, 102])
      await stored(server.store, { session_id: `s${i}` }, [figures({ label: `Label ${i}` })], secondsAfter(noon, i))
    const page = await listed(pages, server.url)
    await box(page, 101).click()
    await box(page, 102).click()
    await counted(page, '2 selected')
    await bar(page).getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog', { name: 'Delete 2 calculations?' }).waitFor()
    await server.sessions.close('s101')
    await server.sessions.close('s102')
    const dialog = page.getByRole('dialog', { name: 'Nothing is left to delete' })
    await dialog.waitFor()
    expect(await dialog.getByRole('button').allTextContents()).toEqual(['Close'])
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Close')
    await page.keyboard.press('Escape')
    await bar(page).waitFor({ state: 'detached' })
    await page.locator('#sessions-heading:focus').waitFor()
  })

  test('deletes a few at once, and survives a refusal and a lost response', async () => {
    const page = await listed(pages, server.url)
    await box(page, 49).click()
    await box(page, 38).click({ modifiers: ['Shift'] })
    await counted(page, '12 selected')
    let [atOnce, most, lost] = [0, 0, 0]
    await page.route('**/graphql', async route => {
      const { query, variables } = route.request().postDataJSON()
      if (!query.includes('closeSession')) return route.fallback()
      most = Math.max(most, ++atOnce)
      try {
        const { sessionId } = variables.input
        if (sessionId === 's44') {
          const errors = [{ message: 'x', extensions: { code: 'INTERNAL' } }]
          await route.fulfill({ json: { errors, data: null } })
        } else if (sessionId === 's45' && lost++ === 0) {
          await route.fetch()
          await route.abort()
        } else await route.fulfill({ response: await route.fetch() })
      } finally {
        atOnce--
      }
    })
    await bar(page).getByRole('button', { name: 'Delete' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await dialog.getByRole('heading', { name: '11 calculations deleted.' }).waitFor()
    await dialog.getByText('Something went wrong on the server', { exact: false }).waitFor()
    expect(await dialog.getByRole('listitem').allTextContents()).toEqual(['Label 44'])
    expect([lost, most > 1, most <= 4]).toEqual([2, true, true])
    expect(await Promise.all([45, 44, 43].map(exists))).toEqual([false, true, false])
    pages.complaints()
  })

  test('stops on request, while the server is away', async () => {
    const page = await listed(pages, server.url)
    await box(page, 49).click()
    await box(page, 42).click({ modifiers: ['Shift'] })
    await page.route('**/graphql', route =>
      route.request().postDataJSON().query.includes('closeSession') ? route.abort() : route.fallback(),
    )
    await bar(page).getByRole('button', { name: 'Delete' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await dialog.getByText('We can’t reach the server.', { exact: false }).waitFor()
    await page.keyboard.press('Escape')
    await dialog.getByText('Not deleted, because you stopped:').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
    await counted(page, '8 selected')
    expect(await exists(49)).toBe(true)
    pages.complaints()
  })

  test.each(['en-GB', 'de-DE', 'fr-FR'])('works by touch on a phone: %s', async locale => {
    const words = wordsOf(locale).selected
    const page = await pages.page(server.url, {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
      locale,
    })
    await page.locator('[data-id="s59"]').waitFor()
    await box(page, 59).tap()
    await box(page, 57).tap()
    const region = page.getByRole('region', { name: words.label })
    await region.getByText(words.count(2), { exact: true }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/')
    await region.getByRole('checkbox', { name: words.selectAll }).tap()
    await until(async () => (await chosen(page)).length > 5, 20_000, 'all rows to be selected')
    await region.getByRole('button', { name: words.delete, exact: true }).tap()
    await page.getByRole('dialog').waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
  })
})

describePages(`a selection of ${count} rows`, pages => {
  const server = serving(embeddedDatabase)
  beforeAll(async () => {
    for (let i = 0; i < count; i++) await stored(server.store, { session_id: `s${i}` }, [], secondsAfter(noon, i))
  })

  test('has at most 1,000, of which at most 100 are exported, and the bar says so', async () => {
    const page = await listed(pages, server.url)
    const scroll = () => page.evaluate('scrollTo(0, document.documentElement.scrollHeight)')
    await scroll()
    await page.locator('[data-id="s0"]').waitFor()
    await page.locator('[data-id="s0"] a').focus()
    await page.keyboard.press('Control+a')
    await counted(page, '1,000 selected')
    await bar(page).getByText('You can select up to 1,000 calculations.').waitFor()
    expect(await bar(page).getByRole('button', { name: 'Export CSV' }).getAttribute('aria-disabled')).toBe('true')
    await page.keyboard.press('Space')
    expect(await chosen(page)).not.toContain('s0')
    await bar(page).getByRole('button', { name: 'Clear selection' }).click()
    await page.locator('[data-id="s0"] a').focus()
    await page.keyboard.press('Space')
    for (let i = 0; i < 100; i++) await page.keyboard.press('Shift+ArrowUp')
    await counted(page, '101 selected')
    await bar(page).getByText('You can export up to 100 calculations at once.').waitFor()
  })

  test('can be undone for the latest 1,000 deletions', async () => {
    const page = await listed(pages, server.url)
    const deleted = page.getByRole('region', { name: 'Deleted calculations' })
    const deleteFirst = async (): Promise<void> => {
      await page.locator('.rows').getByRole('checkbox').first().click()
      await bar(page).getByRole('button', { name: 'Delete' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
      await deleted.getByText('1 calculation deleted').waitFor()
    }
    await deleteFirst()
    await page.evaluate(`{
      const [name] = Object.keys(sessionStorage).filter(name => name.startsWith('deleted '))
      const { row, ...deleted } = JSON.parse(sessionStorage.getItem(name))
      for (let i = 1; i < 1_000; i++)
        sessionStorage.setItem(name + i, JSON.stringify({ ...deleted, row: { ...row, id: row.id + i } }))
    }`)
    await page.reload()
    await deleted.getByText('1,000 calculations deleted').waitFor()
    await deleteFirst()
    await deleted.getByRole('button', { name: 'Hide' }).click()
    await deleted.getByText('999 calculations deleted').waitFor()
  })
})

describePages('the selection of a reader', pages => {
  const reader = madeKey({ name: 'Rea Reader' })
  const server = serving(embeddedDatabase, { config: keyFile(reader).config })

  test('can be exported, but not deleted', async () => {
    for (const i of [1, 2, 3]) {
      const { organisation_id = null } = reader.entry
      await stored(server.store, { session_id: `s${i}`, organisation_id }, [figures({ label: `Label ${i}` })])
    }
    const page = await pages.page(server.url)
    await page.getByLabel('Service key').fill(reader.key)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.locator('[data-id="s1"]').waitFor()
    await box(page, 1).click()
    await box(page, 3).click()
    await counted(page, '2 selected')
    expect(await bar(page).getByRole('button').allTextContents()).toEqual(['Clear selection', 'Export CSV'])
    const button = bar(page).getByRole('button', { name: 'Export CSV' })
    expect((await exported(page, () => button.click())).toSorted()).toEqual(['s1', 's3'])
  })
})
