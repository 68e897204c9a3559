import type { Locator, Page } from 'playwright-core'
import { calculate } from '../../../src/domain/time-value'
import { describePages, violations } from '../../support/pages'
import { serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'
import { until } from '../../support/until'
import { chooseInMenu, openHistory } from '../../support/views'

const payload = { sessions: 25, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30, currency: 'GBP' }

describePages('a failed calculation', pages => {
  let isFailing = true
  const server = serving(embeddedDatabase, {
    calculator(inputs) {
      if (isFailing) throw new Error('a calculator that fails')
      return calculate(inputs)
    },
  })

  test('is tried again, and then shared', async () => {
    const { session } = await server.sessions.start({ mentor_id: 'ann' })
    await server.sessions.dispatch(session.session_id, { event: 'CalculateRequested', payload })
    const page = await pages.page(`${server.url}/sessions/${session.session_id}`)
    const tryAgain = page.getByRole('button', { name: 'Try again' })
    await tryAgain.waitFor()
    expect(await page.getByRole('button', { name: 'Share result' }).count()).toBe(0)
    isFailing = false
    await tryAgain.click()
    await page.getByRole('button', { name: 'Share result' }).waitFor()
    expect(await tryAgain.count()).toBe(0)
  })
})

describePages('the results of a calculation', pages => {
  const server = serving(embeddedDatabase)
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
  const net = (page: Page) => page.getByTestId('result-net')
  const sessionsHeld = (page: Page) => page.getByLabel('Number of sessions', { exact: true })

  /** Creates a session with a shared result for each payload, the last one current. */
  async function calculated(...payloads: object[]): Promise<string> {
    const { session } = await server.sessions.start({ mentor_id: 'ann' })
    for (const payload of payloads) {
      await server.sessions.dispatch(session.session_id, { event: 'CalculateRequested', payload })
      await server.sessions.dispatch(session.session_id, { event: 'ShareRequested' })
    }
    return session.session_id
  }
  const opened = (id: string) => pages.page(`${server.url}/sessions/${id}`)

  const sharing = async (page: Page): Promise<Locator> => {
    await button(page, 'Share result').click()
    return page.getByRole('dialog', { name: 'Share result' })
  }

  test('every live link is listed with its result, and one button revokes all and says so', async () => {
    const id = await calculated({ ...payload, label: 'Spring' }, { ...payload, sessions: 26 })
    const page = await opened(id)
    await page.getByText('2 share links', { exact: true }).waitFor()
    const dialog = await sharing(page)
    await dialog.getByLabel('Link to the shared result').waitFor()
    expect(await dialog.getByRole('listitem').allInnerTexts()).toEqual([expect.stringMatching(/^Spring\n/)])
    expect(await dialog.getByLabel('Link to an older result: Spring').inputValue()).toMatch(/\/shared\/.+/)
    expect(await violations(page)).toEqual([])
    await button(page, 'Revoke both links').click()
    const confirm = page.getByRole('dialog', { name: 'Revoke both links?' })
    expect(await confirm.locator(':focus').textContent()).toBe('Keep them')
    await confirm.getByRole('button', { name: 'Revoke both links' }).click()
    await dialog.getByRole('button', { name: 'Create link' }).waitFor()
    expect(server.sessions.queries.liveShares(await server.sessions.queries.get(id))).toEqual([])
  })

  test.each([
    { width: 1_280, height: 800 },
    { width: 390, height: 844 },
    { width: 320, height: 640 },
  ])('one dialog makes the link, copies it, shows the organisation on request, and closes: %j', async viewport => {
    const { session } = await server.sessions.start({ mentor_id: 'ann', organisation_id: 'Oak School' })
    const id = session.session_id
    await server.sessions.dispatch(id, { event: 'CalculateRequested', payload })
    const page = await pages.page(`${server.url}/sessions/${id}`, { viewport })
    const share = async () => server.sessions.queries.liveShare(await server.sessions.queries.get(id))
    const dialog = await sharing(page)
    const organisation = dialog.getByLabel('Show the organisation: Oak School')
    await organisation.waitFor()
    expect([await organisation.isChecked(), await share()]).toEqual([false, null])
    await button(page, 'Create link').click()
    await dialog.getByLabel('Link to the shared result').waitFor()
    await page.locator('button:focus').getByText('Copy').waitFor()
    expect(await share()).toMatchObject({ show_organisation: false })
    const { token } = (await share()) ?? {}

    await organisation.click()
    await page.getByRole('status').getByText('The shared page now shows the organisation.').waitFor()
    expect(await share()).toMatchObject({ token, show_organisation: true })
    await organisation.and(page.locator(':checked')).waitFor()
    await server.sessions.dispatch(id, { event: 'ShareRequested', payload: { show_organisation: false } })
    await organisation.and(page.locator(':not(:checked)')).waitFor()
    expect(await violations(page)).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(viewport.width)
    await button(page, 'Close').click()
    await dialog.waitFor({ state: 'hidden' })
    await button(page, 'Share result').and(page.locator(':focus')).waitFor()
  })

  test('a similar calculation starts with these numbers, without the name, and for the next month', async () => {
    const period = { from: '2026-01-01', to: '2026-01-31' }
    const id = await calculated({ ...payload, note: 'Travel does not count.', label: 'January', period })
    const page = await opened(id)
    await net(page).waitFor()
    await chooseInMenu(page, 'Start a similar one')
    await page.locator('[name="sessions"]:focus').waitFor()
    await page.getByRole('heading', { level: 1, name: 'Calculation ann' }).waitFor()
    await page.getByText('not saved', { exact: true }).waitFor()
    const similar = page.url().split('/').pop() ?? ''
    expect(similar).not.toBe(id)
    expect(await server.sessions.queries.get(similar)).toMatchObject({ mentor_id: 'ann', version: 1 })
    await sessionsHeld(page).fill('27')
    await button(page, 'Calculate').click()
    await page.getByText('not saved', { exact: true }).waitFor({ state: 'detached' })
    const { result } = await server.sessions.queries.get(similar)
    const next = { from: '2026-02-01', to: '2026-02-28' }
    expect(result?.inputs).toEqual({ ...payload, sessions: 27, note: 'Travel does not count.', period: next })
  })

  test('a link that cannot be copied is selected, and the page says so', async () => {
    const page = await opened(await calculated(payload))
    await sharing(page)
    const link = page.getByLabel('Link to the shared result')
    await link.waitFor()
    await page.evaluate(`Object.defineProperty(navigator, 'clipboard', { value: undefined })`)
    await button(page, 'Copy').click()
    await button(page, 'Copied').waitFor()
    await page.evaluate('document.execCommand = () => false')
    await page.getByRole('button', { name: /Cop(y|ied)/ }).click()
    await page.getByRole('dialog').getByText('We couldn’t copy the link').waitFor()
    expect(await page.evaluate('getSelection().toString() || document.activeElement.value')).toBe(
      await link.inputValue(),
    )
  })

  test('an older result is compared with the current one, a loss as a loss, and can be reused', async () => {
    const id = await calculated({ ...payload, cost_per_session: 20, label: 'Spring' }, payload)
    const page = await opened(id)
    await page.getByText('1 older result', { exact: true }).waitFor()
    const older = await openHistory(page)
    expect(await older.locator('.happened .loss').textContent()).toBe('−£125.00')
    // The history shows the current result, too, but there is nothing to compare it with.
    expect(await older.getByRole('button').count()).toBe(1)
    await older.getByRole('listitem').filter({ hasText: 'Spring' }).getByRole('button').click()
    const row = (name: string) => older.getByRole('row').filter({ hasText: name })
    expect(await row('Net benefit').getByRole('cell').allInnerTexts()).toEqual(['−£125.00', '£287.50\n+£412.50'])
    expect(await row('Net benefit').locator('.loss').textContent()).toBe('−£125.00')
    expect(await row('Number of sessions').getByRole('cell').allInnerTexts()).toEqual(['25', '25'])
    expect(await row('Cost per session').getByRole('cell').allInnerTexts()).toEqual(['£20.00', '£3.50\n−£16.50'])
    await button(page, 'Use these numbers again').click()
    await net(page).getByText('−£125.00').waitFor()
    expect(await page.getByLabel('Cost per session').inputValue()).toMatch(/^20/)
    expect(await page.evaluate('document.activeElement.name')).toBe('sessions')
  })

  const described = {
    ...payload,
    value_source: 'ASHE 2025, median',
    note: 'Preparation counts.\nTravel does not.',
    cost_per_hour_range: { low: 24.5, high: 40 },
  }
  const field = (page: Page, name: string) => page.getByLabel(name, { exact: true })
  const inputs = async (id: string) => (await server.sessions.queries.get(id)).result?.inputs
  const result = (page: Page) => page.getByRole('region', { name: 'Result' })

  test('the source, the range and the assumptions of a value per hour are saved, shown and printed', async () => {
    const id = await calculated(payload)
    const page = await opened(id)
    await page.getByText('Name, currency, source').click()
    await field(page, 'Source of the value per hour').fill(' ASHE 2025, median ')
    await field(page, 'Lowest value per hour').fill('24.5')
    await field(page, 'Highest value per hour').fill('40')
    await field(page, 'Assumptions').fill(`${described.note}\n`)
    // The page computes the range of a what-if value as the server does.
    await page.getByText('Between £3.50 and £5.71 for every £1.00', { exact: true }).waitFor()
    await page.getByRole('heading', { name: 'What if' }).waitFor()
    expect(await violations(page)).toEqual([])
    await button(page, 'Save result').click()
    await page.getByRole('heading', { name: 'Result', exact: true }).waitFor()
    expect(await inputs(id)).toEqual(described)
    await page.reload()
    await result(page).getByText('Between £3.50 and £5.71 for every £1.00', { exact: true }).waitFor()
    await result(page).getByText('ASHE 2025, median', { exact: true }).waitFor()
    expect(await result(page).getByText('Travel does not.').allInnerTexts()).toEqual([described.note])
    await page.setViewportSize({ width: 320, height: 640 })
    expect(await violations(page)).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    await page.emulateMedia({ media: 'print' })
    const statement = (await result(page).allInnerTexts()).join()
    for (const text of ['Lowest value per hour\n£24.50', 'Highest value per hour\n£40.00', 'ASHE 2025, median'])
      expect(statement).toContain(text)
  })

  test('a new result, a reload with unsaved numbers, and an older result used again keep them', async () => {
    const id = await calculated(described)
    const page = await opened(id)
    await sessionsHeld(page).fill('26')
    await page.getByText('not saved', { exact: true }).waitFor()
    await page.reload()
    await page.getByText('not saved', { exact: true }).waitFor()
    await button(page, 'Save result').click()
    await page.getByText('not saved', { exact: true }).waitFor({ state: 'detached' })
    expect(await inputs(id)).toEqual({ ...described, sessions: 26 })
    await server.sessions.dispatch(id, { event: 'CalculateRequested', payload })
    await net(page).getByText('£287.50').waitFor()
    expect(await inputs(id)).toEqual(payload)
    await (await openHistory(page)).getByRole('button').last().click()
    await button(page, 'Use these numbers again').click()
    await button(page, 'Save result').click()
    await page.getByText('not saved', { exact: true }).waitFor({ state: 'detached' })
    expect(await inputs(id)).toEqual(described)
  })

  test('an older result is compared with the current one by source, range and assumptions, where they differ', async () => {
    const other = { ...described, value_source: 'A survey', cost_per_hour_range: { low: 24.5, high: 45 } }
    const { note: _, ...current } = other
    const page = await opened(await calculated(payload, { ...described, cost_per_session: 4 }, current))
    const older = await openHistory(page)
    const row = (name: string) => older.getByRole('row').filter({ hasText: name })
    const term = (name: string) => older.getByRole('term').filter({ hasText: name })
    const texts = async () => (await older.locator('dl').allInnerTexts()).join().split('\n')
    const opener = (at: number) => older.locator('.happened > button').nth(at)
    await opener(0).click()
    await row('Highest value per hour').waitFor()
    expect(await row('Highest value per hour').getByRole('cell').allInnerTexts()).toEqual(['£40.00', '£45.00\n+£5.00'])
    expect(await row('Lowest value per hour').count()).toBe(0)
    expect(await texts()).toEqual([
      'Source of the value per hour',
      'Older',
      'ASHE 2025, median',
      'Current',
      'A survey',
      'Assumptions',
      'Older',
      'Preparation counts.',
      'Travel does not.',
      'Current',
      'none',
    ])
    expect(await violations(page)).toEqual([])
    await opener(1).click()
    await row('Lowest value per hour').waitFor()
    expect(await row('Lowest value per hour').getByRole('cell').allInnerTexts()).toEqual(['none', '£24.50'])
    expect(await texts()).toEqual(['Source of the value per hour', 'Older', 'none', 'Current', 'A survey'])
    expect(await term('Assumptions').count()).toBe(0)
  })

  test('without a current result, an older one shows its own source, range and assumptions', async () => {
    const id = await calculated(described)
    await server.sessions.dispatch(id, { event: 'ResetRequested' })
    const page = await opened(id)
    const older = await openHistory(page)
    await older.getByRole('button').first().click()
    await older.getByRole('row').filter({ hasText: 'Highest value per hour' }).getByText('£40.00').waitFor()
    await older.getByText('Travel does not.').waitFor()
    await older.getByText('ASHE 2025, median').waitFor()
    expect(await older.getByText('Current').count()).toBe(0)
  })

  test('unsaved numbers of a page without these fields keep what is saved in them', async () => {
    const id = await calculated(described)
    const page = await opened(id)
    await sessionsHeld(page).fill('26')
    await page.getByText('not saved', { exact: true }).waitFor()
    await page.evaluate(`(() => {
      const drafts = JSON.parse(sessionStorage.getItem('drafts en-GB '))
      for (const [, { values, base }] of drafts)
        for (const of of [values, base.values])
          for (const name of ['valueSource', 'note', 'low', 'high']) delete of[name]
      sessionStorage.setItem('drafts en-GB ', JSON.stringify(drafts))
    })()`)
    await page.reload()
    await page.getByText('not saved', { exact: true }).waitFor()
    await button(page, 'Save result').click()
    await page.getByText('not saved', { exact: true }).waitFor({ state: 'detached' })
    expect(await inputs(id)).toEqual({ ...described, sessions: 26 })
  })

  test('the range of the ratio is a bar with a text alternative, on screen and on paper', async () => {
    const page = await opened(await calculated(described))
    const bar = result(page).getByRole('img', { name: 'From £3.50 to £5.71. The stated value per hour gives £4.29.' })
    await bar.waitFor()
    await page.emulateMedia({ media: 'print' })
    expect(await bar.isVisible()).toBe(true)
    expect(await result(page).getByText('Between £3.50 and £5.71 for every £1.00').isVisible()).toBe(true)
  })

  test.each([
    ['without a ratio', { ...described, cost_per_session: 0 }, 'No ratio:'],
    ['with the same ratio at both ends', { ...described, cost_per_hour_range: { low: 30, high: 30 } }, '£4.29'],
  ])('a range %s has no bar', async (_, payload, headline) => {
    const page = await opened(await calculated(payload))
    await page.getByTestId('headline').getByText(headline).waitFor()
    expect(await result(page).getByRole('img').count()).toBe(1)
    expect(await result(page).getByText('Between').count()).toBe(0)
  })

  test('a range must be complete and include the value per hour, which its fields say', async () => {
    const id = await calculated(payload)
    const page = await opened(id)
    await page.getByText('Name, currency, source').click()
    const [low, high] = [field(page, 'Lowest value per hour'), field(page, 'Highest value per hour')]
    await low.fill('30.01')
    await page.getByText('Lowest value per hour can’t be more than the value per hour.').waitFor()
    expect(await low.getAttribute('aria-invalid')).toBe('true')
    await button(page, 'Save result').click()
    await page.locator('[name="low"]:focus').waitFor()
    await page.getByText('Highest value per hour is required.').waitFor()
    await low.fill('30')
    await high.fill('29.99')
    await page.getByText('Highest value per hour can’t be less than the value per hour.').waitFor()
    await button(page, 'Save result').click()
    await page.locator('[name="high"]:focus').waitFor()
    await field(page, 'Assumptions').fill('x'.repeat(1_001))
    await page.getByText('Assumptions must be 1 to 1,000 characters long.').waitFor()
    await field(page, 'Source of the value per hour').fill('x'.repeat(201))
    await page.getByText('Source of the value per hour must be 1 to 200 characters long.').waitFor()
    expect(await inputs(id)).toEqual(payload)
  })

  test.each(['valueSource', 'note', 'costPerHourRange/low', 'costPerHourRange/high'])(
    'a fault that only the server finds in %s is shown at its field',
    async member => {
      const id = await calculated(described)
      const page = await opened(id)
      await sessionsHeld(page).fill('26')
      const error = {
        message: 'refused',
        extensions: { code: 'VALIDATION_FAILED', errors: [{ pointer: `/payload/${member}` }] },
      }
      await page.route('**/graphql', route =>
        String(route.request().postDataJSON()?.query).startsWith('mutation Dispatch')
          ? route.fulfill({ json: { errors: [error] } })
          : route.continue(),
      )
      await button(page, 'Save result').click()
      const faulty = page.locator(`[name="${member.split('/').pop()}"]:focus`)
      await faulty.waitFor()
      expect(await faulty.getAttribute('aria-invalid')).toBe('true')
      await page.getByText('was not accepted. Please check it.').waitFor()
    },
  )

  test('a calculation prints as a statement with its title, its date and its numbers, on one sheet', async () => {
    const period = { from: '2026-01-01', to: '2026-03-31' }
    const page = await opened(
      await calculated(
        { ...payload, sessions: 24 },
        { ...described, label: 'Spring', cost_per_session: 3.456, period },
      ),
    )
    await net(page).waitFor()
    const pdf = (await page.pdf({ format: 'A4' })).toString('latin1')
    expect(pdf.match(/\/Type \/Page\b(?!s)/g)).toHaveLength(1)
    await page.emulateMedia({ media: 'print' })
    await page.evaluate("dispatchEvent(new Event('beforeprint'))")
    await page.getByText(/^Mentoring benefit · As of /).waitFor()
    const statement = (await page.getByRole('main').allInnerTexts()).join()
    for (const text of [
      'Spring',
      'ann',
      '31 Mar 2026',
      'Number of sessions',
      '25',
      '£3.456',
      '£30.00',
      '£375.00',
      'Travel does not.',
    ])
      expect(statement).toContain(text)
    expect(statement.match(/Spring/g)).toHaveLength(1)
    expect(statement).toMatch(/−£86\.40/)
    for (const role of ['button', 'textbox', 'link'] as const) {
      const shown = await page.getByRole('main').getByRole(role).allTextContents()
      expect([role, shown]).toEqual([role, role === 'link' ? ['ann'] : []])
    }
    expect(statement).not.toMatch(/History|share link|Calculator/)
    expect(statement.match(/Spring/g)).toHaveLength(1)
  })

  test('a phone shows the net benefit first, and the form behind a button until the numbers are saved', async () => {
    const id = await calculated({ ...described, label: 'Spring' })
    const page = await pages.page(`${server.url}/sessions/${id}`, { viewport: { width: 390, height: 844 } })
    const form = page.locator('form.calculator')
    await net(page).waitFor()
    const { y = -1, height = 0 } = (await net(page).boundingBox()) ?? {}
    expect(y + height).toBeLessThanOrEqual(844)
    expect(await form.isVisible()).toBe(false)
    await button(page, 'Edit numbers').click()
    await page.locator('[name="sessions"]:focus').waitFor()

    const bar = page.locator('.preview-bar p')
    await page.getByLabel('Value per hour', { exact: true }).fill('40')
    await bar.getByText('What if: net benefit £412.50.').waitFor()
    const box = (await bar.boundingBox()) ?? { y: -1, height: 0 }
    expect(box.y).toBeGreaterThanOrEqual(0)
    expect(box.y + box.height).toBeLessThanOrEqual(844)
    await net(page).scrollIntoViewIfNeeded()
    await bar.waitFor({ state: 'detached' })
    await sessionsHeld(page).scrollIntoViewIfNeeded()
    await bar.waitFor()
    await button(page, 'Undo changes').click()
    await bar.waitFor({ state: 'detached' })
    expect(await form.isVisible()).toBe(true)
    await sessionsHeld(page).fill('26')
    await button(page, 'Save result').click()
    await form.waitFor({ state: 'hidden' })
    await page.locator('h1:focus').waitFor()
    await net(page).getByText('£299.00').waitFor()
    expect((await inputs(id))?.sessions).toBe(26)

    await (await openHistory(page)).getByRole('button').last().click()
    await button(page, 'Use these numbers again').click()
    await page.locator('[name="sessions"]:focus').waitFor()
    expect(await violations(page)).toEqual([])
  })

  test('the history is one line below the form, and the menu stays at its button when the page scrolls', async () => {
    const page = await pages.page(`${server.url}/sessions/${await calculated(described)}`, {
      viewport: { width: 1_280, height: 600 },
    })
    await net(page).waitFor()
    const boxOf = async (name: string) => (await page.locator(name).boundingBox()) ?? { x: -1, y: -1, height: 0 }
    const [form, history, summary, heading] = await Promise.all(
      ['form.calculator', '.history', '.history summary', '.history h2'].map(boxOf),
    )
    expect(history?.x).toBe(form?.x)
    expect(history?.y).toBeLessThan((form?.y ?? 0) + (form?.height ?? 0) + 40)
    expect(summary?.height).toBeLessThan(2 * (heading?.height ?? 0))

    await page.locator('.events .choose').click()
    const fromButton = async () => (await boxOf('.popover:popover-open')).y - (await boxOf('.events .choose')).y
    const before = await fromButton()
    await page.evaluate('scrollTo({ top: 80, behavior: "instant" })')
    expect(await page.evaluate('scrollY')).toBe(80)
    expect(await fromButton()).toBeCloseTo(before, 0)
  })

  test('amounts in two currencies are not subtracted', async () => {
    const page = await opened(await calculated({ ...payload, currency: 'EUR', sessions: 20 }, payload))
    const older = await openHistory(page)
    await older.getByRole('button').first().click()
    const row = (name: string) => older.getByRole('row').filter({ hasText: name })
    await row('Net benefit').waitFor()
    expect(await row('Net benefit').getByRole('cell').allInnerTexts()).toEqual(['€230.00', '£287.50'])
    expect(await row('Number of sessions').getByRole('cell').allInnerTexts()).toEqual(['20', '25\n+5'])
    await older.getByText('Different currencies can’t be compared').waitFor()
  })

  test('the what-if figures are computed in the page, exactly', async () => {
    const page = await opened(await calculated({ ...payload, currency: null }))
    await net(page).waitFor()
    const loaded = "performance.getEntriesByType('resource').some(({ name }) => /time-value/.test(name))"
    await until(() => page.evaluate<boolean>(loaded), 60_000, 'the calculator')
    await page.route('**/graphql', route => route.abort('connectionrefused'))
    const fields = {
      'Number of sessions': '3',
      'Average length': '0.33',
      'Cost per session': '0.1',
      'Value per hour': '50',
    }
    for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value)
    // 3 × 0.33 min × 50 / 60 is exactly 0.825.
    await net(page).getByText('0.53', { exact: false }).waitFor()
    expect(await page.getByTestId('time-value').textContent()).toBe('0.83')
    await sessionsHeld(page).fill('0')
    await page.getByText('No ratio:').waitFor()
  })
})
