import type { Page } from 'playwright-core'
import { describePages, violations } from '../support/pages'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { chooseInMenu, fillNumbers, openHistory } from '../support/views'

describePages('two readers of the dashboard', pages => {
  const server = serving(embeddedDatabase)
  const field = (page: Page, label: string) => page.getByLabel(label, { exact: true })
  const heading = (page: Page) => page.getByRole('heading', { level: 1 })
  const button = (page: Page, name: string) => page.getByRole('main').getByRole('button', { name, exact: true })

  test('see the whole story live: start, calculate, share, revoke, reset, close', async () => {
    const { url } = server
    const [mine, yours] = await Promise.all([pages.page(url), pages.page(url)])

    // The empty list explains the page and how to begin.
    for (const page of [mine, yours]) {
      await page.getByRole('heading', { name: 'What is your mentoring worth?' }).waitFor()
    }
    await mine.getByRole('main').getByRole('button', { name: 'Start a calculation' }).click()
    const dialog = mine.getByRole('dialog', { name: 'Start a calculation' })
    await dialog.getByRole('button', { name: 'Start calculation' }).click()
    await dialog.getByText('Mentor is required.').waitFor()
    await field(mine, 'Mentor').fill('mentor-7')
    await field(mine, 'Organisation').fill('open-doors')
    await mine.keyboard.press('Enter')
    await mine.getByRole('heading', { level: 1, name: 'Calculation mentor-7 · open-doors' }).waitFor()
    const id = new URL(mine.url()).pathname.split('/').pop() ?? ''

    // The other page follows, and marks the new row.
    const row = yours.locator(`[data-id="${id}"]`)
    await row.getByText('new', { exact: true }).waitFor()
    await row.getByText('mentor-7 · open-doors').waitFor()
    await row.getByText('No result yet', { exact: true }).waitFor()

    // A fault is shown at its field, and valid numbers show a preview.
    await field(mine, 'Number of sessions').fill('25')
    await field(mine, 'Average length').fill('1441')
    await field(mine, 'Cost per session').fill('3.5')
    await field(mine, 'Value per hour').fill('30')
    await mine.getByText('Average length can’t be more than 1,440.').waitFor()
    expect(await field(mine, 'Average length').getAttribute('aria-invalid')).toBe('true')
    await field(mine, 'Number of sessions').fill('2.5')
    await mine.getByText('Number of sessions must be a whole number.').waitFor()
    await field(mine, 'Number of sessions').fill('25')
    await field(mine, 'Average length').fill('30')
    await mine.getByRole('heading', { name: 'What if' }).waitFor()
    await mine.getByText('4.29 for every 1.00 spent').waitFor()
    expect(await mine.getByTestId('result-net').textContent()).toContain('287.50')
    expect(await row.getByRole('gridcell').nth(3).textContent()).toContain('none')

    // A saved result appears here, and in the other page's row and figures.
    await button(mine, 'Calculate').click()
    await mine.getByRole('heading', { name: 'Result', exact: true }).waitFor()
    await row.getByText('4.29').waitFor()
    await row.getByText('375.00').waitFor()
    await yours.getByTestId('netBenefit').getByText('287.50').waitFor()
    await yours.getByText('from 1 result', { exact: true }).waitFor()

    // Both pages show the session, and offer no action that would be a no-op.
    await row.getByRole('link').click()
    await heading(yours).getByText('mentor-7 · open-doors').waitFor()
    // A calculation is one step of the history.
    const history = await openHistory(yours)
    await history.getByRole('listitem').filter({ hasText: 'Calculated' }).getByText('Net benefit 287.50').waitFor()
    expect(await history.getByRole('listitem').count()).toBe(2)
    expect(await button(yours, 'Try again').count()).toBe(0)

    // A share link is visible on both pages, and works for any reader.
    await button(mine, 'Share result').click()
    await button(mine, 'Create link').click()
    const link = field(mine, 'Link to the shared result')
    await link.waitFor()
    await mine.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await button(mine, 'Copy').click()
    await mine.getByRole('button', { name: 'Copied' }).waitFor()
    const shared = await link.inputValue()
    expect(await mine.evaluate('navigator.clipboard.readText()')).toBe(shared)
    await button(mine, 'Close').click()
    await button(yours, 'Share result').click()
    expect(await field(yours, 'Link to the shared result').inputValue()).toBe(shared)
    await button(yours, 'Close').click()
    const reader = await pages.page(shared, { javaScriptEnabled: false })
    await reader.getByRole('heading', { name: 'Every 1.00 spent gives 4.29 of mentors’ time' }).waitFor()
    expect(await reader.content()).not.toMatch(/mentor-7|open-doors|session_/)

    // A save on the other page updates this page's form, but a number being typed is not overwritten without asking.
    await field(yours, 'Number of sessions').fill('26')
    await button(yours, 'Save result').click()
    await mine.getByTestId('result-net').getByText('299.00').waitFor()
    expect(await field(mine, 'Number of sessions').inputValue()).toBe('26')
    await field(mine, 'Number of sessions').fill('50')
    await mine.getByTestId('result-net').getByText('+276.00').waitFor()
    await field(yours, 'Number of sessions').fill('27')
    await button(yours, 'Save result').click()
    await mine.getByTestId('result-net').getByText('+264.50').waitFor()
    expect(await field(mine, 'Number of sessions').inputValue()).toBe('50')
    await button(mine, 'Use theirs').click()
    expect(await field(mine, 'Number of sessions').inputValue()).toBe('27')

    // After the revocation on the other page the link is gone for its readers.
    await button(yours, 'Share result').click()
    await button(yours, 'Create link').click()
    await mine.getByText('2 share links', { exact: true }).waitFor()
    await button(yours, 'Revoke both links').click()
    await yours
      .getByRole('dialog', { name: 'Revoke both links?' })
      .getByRole('button', { name: /^Revoke/ })
      .click()
    await mine.getByText('2 share links', { exact: true }).waitFor({ state: 'detached' })
    await button(yours, 'Close').click()
    const gone = await reader.reload()
    expect(gone?.status()).toBe(410)
    await reader.getByRole('heading', { name: 'This result is no longer shared' }).waitFor()

    await chooseInMenu(mine, 'Clear result and links')
    const clear = mine.getByRole('dialog', { name: 'Clear the result and share links?' })
    await clear.getByRole('button', { name: 'Clear result and links' }).click()
    await yours.getByText('not saved').waitFor()
    await chooseInMenu(mine, 'Delete calculation')
    const sure = mine.getByRole('dialog', { name: 'Delete this calculation?' })
    await sure.getByRole('button', { name: 'Delete calculation' }).click()
    await yours.getByText('This calculation was deleted, with its results and share links.').waitFor()
    await mine.getByRole('heading', { name: 'What is your mentoring worth?' }).waitFor()
  })

  test('after a start, the focus is on the first field; after leaving or closing, on the heading of the shown view', async () => {
    const page = await pages.page(`${server.url}/?mentor=reader`)
    await page.getByRole('banner').getByRole('button', { name: 'Start a calculation' }).click()
    await page.getByRole('dialog').getByRole('combobox', { name: 'Mentor' }).waitFor()
    await page.keyboard.press('Enter')
    await page.locator('[name="sessions"]:focus').waitFor()
    await page.getByRole('heading', { level: 1 }).getByText('reader').waitFor()
    await page.getByRole('link', { name: 'Back to the list' }).click()
    await page.locator('h2:focus').getByText('Filtered calculations').waitFor()
    await page.goBack()
    await page.locator('h1:focus').getByText('reader').waitFor()
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('none')
    await chooseInMenu(page, 'Delete calculation')
    await page.getByRole('dialog').getByRole('button', { name: 'Delete calculation' }).click()
    await page.locator('h2:focus').getByText('Filtered calculations').waitFor()
  })

  test('technical details are in the menu, and nowhere else', async () => {
    const page = await pages.page(server.url)
    await page.getByRole('button', { name: 'Start a calculation' }).first().waitFor()
    const technical = /\/api\/|GraphQL|\bREST\b|\blog\b/
    expect((await page.locator('body').allInnerTexts()).join()).not.toMatch(technical)
    await page.getByRole('button', { name: 'Live' }).click()
    await page.getByText('This page shows changes to all calculations', { exact: false }).waitFor()
    expect((await page.locator('body').allInnerTexts()).join()).not.toMatch(technical)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Menu' }).click()
    await page.getByText('For developers').waitFor()
    expect(await page.getByRole('link', { name: 'REST', exact: true }).getAttribute('href')).toBe('/docs')
    expect(await page.getByRole('link', { name: 'GraphQL', exact: true }).getAttribute('href')).toBe('/graphql')
    expect(await violations(page)).toEqual([])
  })

  test('an example is one click away, and is never stored', async () => {
    const page = await pages.page(server.url)
    const changes: string[] = []
    page.on('request', request => changes.push(...(request.postData()?.match(/mutation \w+/g) ?? [])))
    await page.getByRole('button', { name: 'Try an example' }).click()
    await page.locator('[name="sessions"]:focus').waitFor()
    await page.getByTestId('result-net').getByText('287.50').waitFor()
    await field(page, 'Number of sessions').fill('50')
    await page.getByTestId('result-net').getByText('575.00').waitFor()
    await field(page, 'Value per hour').fill('-1')
    await page.getByText('Value per hour can’t be less than 0.').waitFor()
    await page.getByTestId('result-net').getByText('575.00').waitFor()
    expect(await violations(page)).toEqual([])
    expect([changes, await server.sessions.queries.list({}, { limit: 10 })]).toEqual([[], []])
  })

  test('the address keeps the filter, and a closed session leaves the list', async () => {
    const { url, sessions } = server
    const { session } = await sessions.start({ mentor_id: 'ann', organisation_id: 'north' })
    await sessions.start({ mentor_id: 'ben', organisation_id: 'north' })
    await sessions.start({ mentor_id: 'ben', organisation_id: 'south' })
    const page = await pages.page(url)
    const count = page.getByTestId('session-count')
    await count.getByText('3', { exact: true }).waitFor()
    const search = page.getByRole('combobox', { name: 'Find' })
    await search.fill('nor')
    await page.getByRole('option', { name: /^Organisation north/ }).click()
    await count.getByText('2', { exact: true }).waitFor()
    await search.fill('ann')
    await page.getByRole('option', { name: /^Mentor ann/ }).click()
    await count.getByText('1', { exact: true }).waitFor()
    expect(new URL(page.url()).search).toBe('?organisation=north&mentor=ann')
    await page.getByLabel('Status').selectOption('With a result')
    await page.getByText('No calculations match these filters.').waitFor()
    await page.reload()
    await page.getByText('No calculations match these filters.').waitFor()
    await page.getByRole('button', { name: 'Remove filter Mentor ann' }).waitFor()

    // One change brings the session under the filter, and another removes it.
    const inputs = { sessions: 1, avg_minutes: 60, cost_per_session: 10, cost_per_hour: 40 }
    await sessions.dispatch(session.session_id, { event: 'CalculateRequested', payload: inputs })
    await page.locator(`[data-id="${session.session_id}"]`).getByText('40.00').waitFor()
    await sessions.dispatch(session.session_id, { event: 'ResetRequested' })
    await page.getByText('No calculations match these filters.').waitFor()
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await count.getByText('3', { exact: true }).waitFor()
    await sessions.close(session.session_id)
    await count.getByText('2', { exact: true }).waitFor()
    expect(await page.locator(`[data-id="${session.session_id}"]`).count()).toBe(0)
  })

  test("a calculation's optional members appear with its result on every page, and in every form", async () => {
    const { url, sessions } = server
    const { session } = await sessions.start({ mentor_id: 'ann', organisation_id: 'reading' })
    const address = `${url}/sessions/${session.session_id}`
    const [mine, yours, list] = await Promise.all([
      pages.page(address),
      pages.page(address),
      pages.page(`${url}/?organisation=reading`),
    ])
    await fillNumbers(mine)
    await mine.getByText('Name, currency, source').click()
    await field(mine, 'Name of this calculation').fill(' Spring 2026 ')
    await field(mine, 'Currency').fill('eur')
    await field(mine, 'Period').selectOption('Another period')
    await field(mine, 'First day').fill('2026-01-19')
    await field(mine, 'Last day').fill('2026-03-27')
    await mine.getByText('€4.29 for every €1.00 spent').waitFor()
    await button(mine, 'Calculate').click()
    for (const page of [mine, yours]) {
      const result = page.getByRole('region', { name: 'Result' })
      await heading(page).getByText('Spring 2026', { exact: true }).waitFor()
      await result.getByText('19 Jan – 27 Mar 2026, amounts in EUR').waitFor()
      await page.getByTestId('result-net').getByText('€287.50').waitFor()
      const made = (await openHistory(page)).getByRole('listitem').filter({ hasText: 'Calculated' }).first()
      for (const said of ['Net benefit €287.50', 'Spring 2026', '19 Jan – 27 Mar 2026']) {
        await made.getByText(said, { exact: true }).waitFor()
      }
    }
    await list
      .getByRole('row', { name: /Spring 2026/ })
      .getByText('€375.00')
      .waitFor()
    await yours.getByText('Spring 2026, EUR', { exact: true }).click()
    const stated = ['Name of this calculation', 'Currency', 'First day', 'Last day']
    expect(await Promise.all(stated.map(label => field(yours, label).inputValue()))).toEqual([
      'Spring 2026',
      'EUR',
      '2026-01-19',
      '2026-03-27',
    ])

    // Cleared members are absent from the next result.
    for (const label of stated) await field(yours, label).fill('')
    await button(yours, 'Save result').click()
    await mine.getByText('4.29 for every 1.00 spent', { exact: true }).waitFor()
    const { result } = await sessions.queries.get(session.session_id)
    expect(result?.inputs).toEqual({ sessions: 25, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30 })
  })

  test('a calculation says in which month it counts, and its name proposes its period', async () => {
    const { session } = await server.sessions.start({ mentor_id: 'ann' })
    const page = await pages.page(`${server.url}/sessions/${session.session_id}`)
    const month = new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric', timeZone: 'UTC' }).format()
    await fillNumbers(page)
    await page.getByText(`Without a period, it counts in ${month}, the month in which you save it`).waitFor()
    await page.getByText('Name, currency, source').click()
    await field(page, 'Name of this calculation').fill('Year 9 reading, 2025/26')
    await button(page, 'Calculate').click()
    await page.getByText(`Counts in ${month}, when it was calculated`).waitFor()
    await page.getByRole('region', { name: 'Result' }).getByText(`Counts in ${month}`, { exact: true }).waitFor()

    await button(page, 'Use the period from the name: 1 Apr 2025 – 31 Mar 2026').click()
    await page.getByText('Counts in Mar 2026', { exact: true }).waitFor()
    await button(page, 'Save result').click()
    await page.getByRole('region', { name: 'Result' }).getByText('1 Apr 2025 – 31 Mar 2026').waitFor()
    const { result } = await server.sessions.queries.get(session.session_id)
    expect(result?.inputs.period).toEqual({ from: '2025-04-01', to: '2026-03-31' })

    await field(page, 'Period').selectOption({ index: 1 })
    await page.getByText(`Counts in ${month}`, { exact: true }).first().waitFor()
  })

  test('a fault in an optional member is shown at its field, which is unfolded', async () => {
    const { session } = await server.sessions.start({ mentor_id: 'ann' })
    const page = await pages.page(`${server.url}/sessions/${session.session_id}`)
    await fillNumbers(page)
    const fold = page.getByText('Name, currency, source')
    await fold.click()
    await field(page, 'Currency').fill('EU')
    await fold.click()
    // The section may unfold and move the button while a mouse presses it.
    await button(page, 'Calculate').press('Enter')
    await page.getByText('Enter a currency code, for example GBP.').waitFor()
    await page.locator('[name="currency"]:focus').waitFor()
    await field(page, 'Currency').fill('')
    await field(page, 'Period').selectOption('Another period')
    await field(page, 'First day').fill('2026-03-27')
    await button(page, 'Calculate').press('Enter')
    await page.getByText('Last day is required.').waitFor()
    await page.locator('[name="to"]:focus').waitFor()
    await field(page, 'Last day').fill('2026-01-19')
    await page.getByText('Last day can’t be before the first day.').waitFor()
    expect(await field(page, 'Last day').getAttribute('aria-invalid')).toBe('true')
    await field(page, 'Last day').fill('2026-03-27')
    await field(page, 'Currency').fill('XYZ')
    await page.getByText('Enter a currency code, for example GBP.').waitFor()
    await field(page, 'Currency').fill('')
    await field(page, 'Name of this calculation').fill('  ')
    await page.getByText('Name of this calculation must be 1 to 120 characters long.').waitFor()
    await field(page, 'Name of this calculation').fill('Spring')
    await page.getByRole('heading', { name: 'What if' }).waitFor()
    expect(await page.locator('[aria-invalid]').count()).toBe(0)
  })

  test('numbers and times are in the user’s locale', async () => {
    const { url, sessions } = server
    const { session } = await sessions.start({ mentor_id: 'locale' })
    const payload = { sessions: 1_000, avg_minutes: 60, cost_per_session: 1.5, cost_per_hour: 40 }
    await sessions.dispatch(session.session_id, { event: 'CalculateRequested', payload })
    const page = await pages.page(`${url}/?mentor=locale`, { locale: 'de-DE' })
    await page.getByTestId('netBenefit').getByText('38.500,00').waitFor()
  })

  test('an unknown session has a page that says so', async () => {
    const page = await pages.page(`${server.url}/sessions/session_none`)
    await page.getByText('There is no calculation with this ID. It may have been deleted.').waitFor()
  })
})
