import type { Page } from 'playwright-core'
import { figures } from '../../db/every-kind'
import { query } from '../../support/interfaces'
import { describePages, violations } from '../../support/pages'
import { serving } from '../../support/server'
import { noon, secondsAfter, stored } from '../../support/sessions'
import { embeddedDatabase } from '../../support/stores'
import { until } from '../../support/until'

const count = 130

describePages('the list of calculations', pages => {
  const server = serving(embeddedDatabase)

  beforeAll(async () => {
    for (let i = 0; i < count; i++) {
      const currency = ['GBP', 'GBP', 'EUR', undefined][i % 4]
      const stated = figures({
        sessions: 1 + ((i * 37) % count),
        ...(currency && { currency }),
        ...(i % 3 && { label: `Label ${i}` }),
        ...(i % 2 && { period: { from: '2026-01-01', to: '2026-02-28' } }),
      })
      const who = {
        session_id: `session_${i}`,
        mentor_id: `mentor ${i % 7}`,
        organisation_id: i % 2 ? 'north' : 'south',
      }
      await stored(server.store, who, i % 10 === 9 ? [] : [stated], secondsAfter(noon, i))
    }
  })

  const shown = (page: Page): Promise<string[]> =>
    page.evaluate(`[...document.querySelectorAll('.rows [data-id]')]
      .sort((a, b) => a.ariaRowIndex - b.ariaRowIndex).map(row => row.dataset.id)`)
  const listed = async (orderBy: object, filter: object = {}): Promise<string[]> => {
    const { data } = await query(
      server,
      'query ($orderBy: SessionOrder, $filter: SessionFilter) { sessions(first: 100, orderBy: $orderBy, filter: $filter) { nodes { id } } }',
      { orderBy, filter },
    )
    return (data as { sessions: { nodes: { id: string }[] } }).sessions.nodes.map(({ id }) => id)
  }
  const inOrder = async (page: Page, orderBy: object, filter?: object): Promise<void> => {
    const [first = '', ...others] = await listed(orderBy, filter)
    await page.locator(`[aria-rowindex="2"][data-id="${first}"]`).waitFor()
    let found: string[] = []
    // The previous list may have had the same first row.
    const isThere = async (): Promise<boolean> => {
      found = await shown(page)
      return found.length > 5 && found.join() === [first, ...others].slice(0, found.length).join()
    }
    await until(isThere, 60_000, () => `${[first, ...others].slice(0, found.length)}, not ${found}`)
  }
  const search = (page: Page) => page.getByRole('combobox', { name: 'Find' })
  const header = (page: Page, name: string) => page.getByRole('columnheader', { name })

  test('is sorted by the pressed column, which the address records and Back undoes', async () => {
    const page = await pages.page(server.url)
    await inOrder(page, { by: 'CREATED' })
    await header(page, 'Hours').getByRole('button').click()
    await inOrder(page, { by: 'TOTAL_HOURS', descending: true })
    expect(await header(page, 'Hours').getAttribute('aria-sort')).toBe('descending')
    await header(page, 'Hours').getByRole('button').click()
    await inOrder(page, { by: 'TOTAL_HOURS', descending: false })
    expect(new URL(page.url()).search).toBe('?sort=total_hours')
    await page.reload()
    await inOrder(page, { by: 'TOTAL_HOURS', descending: false })
    await page.goBack()
    await inOrder(page, { by: 'TOTAL_HOURS', descending: true })
    await page.goBack()
    await inOrder(page, { by: 'CREATED' })
    expect(await page.locator('[aria-sort]').count()).toBe(0)
  })

  test('compares amounts in the currency with the most results, or in the chosen one', async () => {
    const page = await pages.page(`${server.url}/?sort=-time_value`)
    await inOrder(page, { by: 'TIME_VALUE', currency: 'GBP' })
    await page.getByLabel('Amounts in').selectOption('EUR, Euro')
    await inOrder(page, { by: 'TIME_VALUE', currency: 'EUR' })
    expect(new URL(page.url()).search).toBe('?sort=-time_value&currency=EUR')
    await page.getByLabel('Amounts in').selectOption('no currency')
    await inOrder(page, { by: 'TIME_VALUE', currency: null })
  })

  test('loads rows on scrolling, with the total number known from the start', async () => {
    const page = await pages.page(`${server.url}/docs`)
    const asked: number[] = []
    page.on('request', request => {
      const { query = '', variables } = JSON.parse(request.postData() ?? '{}')
      if (query.includes('sessions(')) asked.push(variables.first)
    })
    await page.goto(server.url)
    await page.locator(`[role="grid"][aria-rowcount="${count + 1}"]`).waitFor()
    await page.locator('[aria-rowindex="12"]').waitFor()
    // Once before the feed is ready, and once after.
    await until(() => asked.length > 1, 60_000, 'the list to be read behind the feed')
    expect(asked).toEqual([50, 50])
    const height = await page.evaluate('document.documentElement.scrollHeight')
    await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)')
    await page.locator('[data-id="session_0"]').waitFor()
    expect(asked.length).toBeGreaterThan(2)
    expect(await page.evaluate('document.documentElement.scrollHeight')).toBe(height)
  })

  test('moves a changed row to its new position, and shows no row that does not match', async () => {
    const page = await pages.page(`${server.url}/?sort=updated&organisation=north`)
    const order = [{ by: 'UPDATED', descending: false }, { organisationId: 'north' }] as const
    await inOrder(page, ...order)
    // The first row becomes the last, beyond the loaded rows.
    await server.sessions.dispatch('session_1', { event: 'ResetRequested' })
    await page.locator('[data-id="session_1"]').waitFor({ state: 'detached' })
    await inOrder(page, ...order)
    await page.getByLabel('Sort order').selectOption('Hours, descending')
    await inOrder(page, { by: 'TOTAL_HOURS' }, order[1])
    await server.sessions.dispatch('session_3', figures({ sessions: 5_000 }))
    await page.locator('[aria-rowindex="2"][data-id="session_3"]').waitFor()
    await inOrder(page, { by: 'TOTAL_HOURS' }, order[1])
  })

  test('is filtered from search results by keyboard; each filter can be removed, and Back undoes it', async () => {
    const page = await pages.page(server.url)
    const total = page.getByTestId('session-count')
    await total.getByText(String(count), { exact: true }).waitFor()
    await search(page).focus()
    await page.keyboard.type('MENTOR 3')
    await page.getByRole('option', { name: 'Mentor mentor 3' }).waitFor()
    expect(new URL(page.url()).search).toBe('')
    await page.keyboard.press('ArrowDown')
    expect(await search(page).getAttribute('aria-activedescendant')).toBe(
      await page.getByRole('listbox').getByRole('option', { selected: true }).getAttribute('id'),
    )
    await page.keyboard.press('Enter')
    await total.getByText('19', { exact: true }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.getByRole('option', { name: 'Organisation north' }).click()
    await inOrder(page, {}, { mentorId: 'mentor 3', organisationId: 'north' })
    expect(new URL(page.url()).search).toBe('?organisation=north&mentor=mentor+3')

    await page.getByRole('button', { name: 'Remove filter Mentor mentor 3' }).click()
    await total.getByText('65', { exact: true }).waitFor()
    await page.goBack()
    await page.getByRole('button', { name: 'Remove filter Mentor mentor 3' }).waitFor()
    await page.goBack()
    await page.goBack()
    await total.getByText(String(count), { exact: true }).waitFor()

    await search(page).focus()
    await page.keyboard.type('nobody')
    await page.getByText('Nothing begins with “nobody”.').waitFor()
    await page.keyboard.press('Escape')
    expect(await search(page).getAttribute('aria-expanded')).toBe('false')
    await page.keyboard.press('Escape')
    expect(await search(page).inputValue()).toBe('')
  })

  test('a single search result of a former text is not taken', async () => {
    const page = await pages.page(server.url)
    await search(page).focus()
    await page.keyboard.type('mentor 3')
    await page.getByRole('option', { name: 'Mentor mentor 3' }).waitFor()
    let release = (): void => {}
    const released = new Promise<void>(resolve => {
      release = resolve
    })
    await page.route('**/graphql', async route => {
      if (route.request().postDataJSON().query.startsWith('query Find')) await released
      await route.fallback()
    })
    await page.keyboard.type('3')
    await page.keyboard.press('Enter')
    release()
    await page.getByText('Nothing begins with “mentor 33”.').waitFor()
    expect(new URL(page.url()).search).toBe('')
  })

  test('finds what has words that begin with a text, in any case and without accents, and opens a calculation by its name', async () => {
    const who = { session_id: 'session_named', mentor_id: 'Zoë Größe', organisation_id: 'The great north' }
    await stored(server.store, who, [figures({ label: 'Été à la Grosse Île' })])
    const page = await pages.page(server.url)
    await search(page).fill('gross')
    const options = page.getByRole('listbox').getByRole('option')
    await until(async () => (await options.count()) === 2, 60_000, 'the options')
    expect(await options.allInnerTexts()).toEqual([
      expect.stringMatching(/^Mentor\s+Zoë Größe\s+1 calculation$/),
      expect.stringMatching(/^Calculation\s+Été à la Grosse Île\s+Zoë Größe, /),
    ])
    expect(await options.locator('mark').allInnerTexts()).toEqual(['Größ', 'Gross'])
    expect(await violations(page)).toEqual([])
    // The filter of the list holds for what is found.
    await page.getByLabel('Status').selectOption('No result yet')
    await search(page).fill('grosse')
    await page.getByText('Nothing begins with “grosse”.').waitFor()
    await page.getByLabel('Status').selectOption('Any')
    await search(page).fill('ILE')
    await page.getByRole('option', { name: /Île/ }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForURL(`${server.url}/sessions/session_named`)
    await server.sessions.close('session_named')
  })

  test('opens a calculation by its id, pasted or typed into the search', async () => {
    const page = await pages.page(server.url)
    await search(page).fill('session_12')
    await page.getByRole('option', { name: 'Open session_12' }).waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(`${server.url}/sessions/session_12`)
    await page.goBack()
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.evaluate(`navigator.clipboard.writeText('${server.url}/sessions/session_13?sort=label')`)
    await search(page).focus()
    await page.keyboard.press('Control+v')
    await page.waitForURL(`${server.url}/sessions/session_13`)
  })

  test('is a grid with arrow-key navigation, and its links are named by their targets', async () => {
    const page = await pages.page(server.url)
    const focused = () =>
      page.evaluate(
        `(({ activeElement: at }) => [at.closest('[role="row"]')?.ariaRowIndex, at.dataset.column])(document)`,
      )
    await page.getByRole('link', { name: 'Label 127', exact: true }).focus()
    await page.getByRole('link', { name: 'mentor 3 · north', exact: true }).first().waitFor()
    const [row] = (await focused()) as [string]
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowDown')
    expect(await focused()).toEqual([String(Number(row) + 1), '3'])
    await page.keyboard.press('End')
    await page.keyboard.press('ArrowUp')
    expect(await focused()).toEqual([row, '7'])
    await page.keyboard.press('Home')
    expect(await focused()).toEqual([row, '0'])
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await page.waitForURL(/sessions\/session_127/)
  })

  test('prints completely, however little of it was loaded', async () => {
    const page = await pages.page(server.url)
    await page.locator('[aria-rowindex="12"]').waitFor()
    await page.evaluate(`window.print = () => {
      dispatchEvent(new Event('beforeprint'))
      setTimeout(() => {
        document.documentElement.dataset.printed = document.querySelectorAll('.printed-list tbody tr').length
        dispatchEvent(new Event('afterprint'))
      })
    }`)
    await page.getByRole('button', { name: 'Print' }).click()
    await page.locator(`html[data-printed="${count}"]`).waitFor()
    await page.locator('.printed-list').waitFor({ state: 'detached' })
  })

  test('prints as a plain table with its title, its date and its filters', async () => {
    const page = await pages.page(`${server.url}/?mentor=mentor+3&state=loaded`)
    await page.locator('[aria-rowindex="12"]').waitFor()
    await page.emulateMedia({ media: 'print' })
    await page.evaluate("dispatchEvent(new Event('beforeprint'))")
    const table = page.getByRole('table')
    await table.waitFor()
    const rows = await page.getByRole('row').count()
    expect(rows).toBeGreaterThan(10)
    for (const text of ['Filtered calculations', /As of .*202\d/, /Mentor mentor 3/, /Status: With a result/]) {
      expect(await page.locator('.printed-list').getByText(text).first().isVisible()).toBe(true)
    }
    for (const role of ['grid', 'button', 'combobox', 'search'] as const)
      expect([role, await page.getByRole(role).count()]).toEqual([role, 0])
    expect(await page.getByTestId('netBenefit').isVisible()).toBe(false)
    expect(await violations(page)).toEqual([])

    await page.goto(`${server.url}/?mentor=mentor+3&state=initial`)
    await page.locator('.rows [data-id]').first().waitFor()
    const pdf = (await page.pdf({ format: 'A4' })).toString('latin1')
    expect(pdf.match(/\/Type \/Page\b(?!s)/g)).toHaveLength(1)
  })

  test('marks a value that is lower than the cost, also without colours', async () => {
    const loss = figures({ sessions: 10, avg_minutes: 60, cost_per_session: 40, cost_per_hour: 30 })
    const gain = figures({ sessions: 10, avg_minutes: 60, cost_per_session: 20, cost_per_hour: 30 })
    for (const [session_id, stated] of Object.entries({ loss, gain }))
      await stored(server.store, { session_id, mentor_id: 'of a loss' }, [stated])
    const page = await pages.page(`${server.url}/?mentor=of+a+loss`)
    await page.locator('.rows [data-id="loss"]').waitFor()
    const markOf = (id: string): Promise<string> =>
      page.evaluate(`getComputedStyle(document.querySelector('[data-id="${id}"] .value'), '::before').content`)
    expect([await markOf('loss'), await markOf('gain')]).toEqual([expect.stringContaining('▼'), 'none'])
  })

  test('drops a calculation that has another organisation now', async () => {
    const { session_id } = await stored(server.store, { mentor_id: 'moving', organisation_id: 'west' })
    const page = await pages.page(`${server.url}/?organisation=west`)
    const row = page.locator(`.rows [data-id="${session_id}"]`)
    await row.waitFor()
    const reassign = (organisation_id: string) =>
      server.sessions.dispatch(session_id, { event: 'ReassignRequested', payload: { organisation_id } })
    await reassign('east')
    await row.waitFor({ state: 'detached' })
    await reassign('west')
    await row.waitFor()
  })

  test('exports the filtered rows', async () => {
    const page = await pages.page(`${server.url}/?mentor=mentor+3&state=initial`)
    await page.getByTestId('session-count').getByText(/^\d/).waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ])
    const chunks: Buffer[] = []
    for await (const chunk of await download.createReadStream()) chunks.push(chunk)
    const rows = Buffer.concat(chunks).toString().trim().split('\r\n').slice(1)
    const ids = rows.map(row => row.split(',')[0])
    expect(ids.toSorted()).toEqual((await listed({}, { mentorId: 'mentor 3', state: 'INITIAL' })).toSorted())
    expect(download.suggestedFilename()).toMatch(/^calculations-.*\.csv$/)
  })
})
