import type { Page } from 'playwright-core'
import { describePages, violations } from '../../support/pages'
import { serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'
import { until } from '../../support/until'
import { editing, wordsOf } from '../../support/views'

const payload = { sessions: 400, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30, currency: 'GBP' }

describePages('the cost per session from yearly costs', pages => {
  const server = serving(embeddedDatabase)
  const field = (page: Page, name: string) => page.getByLabel(name, { exact: true })
  const form = (page: Page) => page.locator('form.calculator')
  const dialog = (page: Page) => page.getByRole('dialog', { name: 'Cost per session, from yearly costs' })
  const amount = (page: Page, name: string) => dialog(page).getByLabel(name, { exact: true })
  const fill = (page: Page) => dialog(page).getByRole('button', { name: 'Use this cost' })
  const cost = (page: Page) => form(page).locator('[name="costPerSession"]')
  const note = (page: Page) => form(page).locator('[name="note"]')

  async function calculated(of: object = payload): Promise<string> {
    const { session } = await server.sessions.start({ mentor_id: 'ann' })
    await server.sessions.dispatch(session.session_id, { event: 'CalculateRequested', payload: of })
    return session.session_id
  }
  async function opened(of: object = payload, options: object = {}): Promise<Page> {
    const page = await pages.page(`${server.url}/sessions/${await calculated(of)}`, options)
    await editing(page)
    await open(page)
    return page
  }
  async function open(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Work it out from yearly costs' }).click()
    await dialog(page).waitFor()
  }

  test('is filled in with the keyboard alone, and the assumptions say how it came about', async () => {
    const page = await pages.page(`${server.url}/sessions/${await calculated({ ...payload, note: 'Mine.' })}`)
    const scripts = async () =>
      String(await page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name).join()"))
    await page.getByTestId('result-net').waitFor()
    expect(await scripts()).not.toMatch(/yearly-costs/)
    await page.getByRole('button', { name: 'Work it out from yearly costs' }).press('Enter')
    await dialog(page).waitFor()
    expect(await scripts()).toMatch(/yearly-costs/)
    expect(await dialog(page).locator(':focus').getAttribute('name')).toBe('salary')
    await page.keyboard.type('12,000')
    await page.keyboard.press('Tab')
    await page.keyboard.type('£800.00')
    await dialog(page).getByText('£12,800 ÷ 400 sessions = £32.00 per session', { exact: true }).waitFor()
    await dialog(page).getByText('We read this as £12,000.00').waitFor()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Enter')
    await dialog(page).waitFor({ state: 'hidden' })
    expect(await page.evaluate('document.activeElement.name')).toBe('costPerSession')
    expect(await cost(page).inputValue()).toBe('32')
    await page
      .getByRole('status')
      .getByText('Cost per session: £32.00. The costs are listed in the assumptions.')
      .waitFor()
    const line = 'Cost per session: salaries (mentoring only) £12,000 + training £800 = £12,800 for 400 sessions'
    expect(await note(page).inputValue()).toBe(`Mine.\n${line}`)
    await page.getByRole('button', { name: 'Save result' }).click()
    await page.getByRole('region', { name: 'Result' }).getByText(line).waitFor()
  })

  test('replaces its own line when it is used again, also after a reload, and says that it rounds', async () => {
    const page = await opened({ ...payload, note: 'Mine.' })
    await amount(page, 'Salaries (mentoring only)').fill('12000')
    await amount(page, 'Travel').fill('0.50')
    await fill(page).click()
    await page.getByText('not saved', { exact: true }).waitFor()
    await page.reload()
    await open(page)
    expect(await amount(page, 'Salaries (mentoring only)').inputValue()).toBe('£12,000')
    expect(await amount(page, 'Travel').inputValue()).toBe('£0.50')
    await amount(page, 'Travel').fill('')
    await amount(page, 'Sessions in that year').fill('390')
    await dialog(page)
      .getByText('£12,000 ÷ 390 sessions = £30.7692 per session, rounded to 4 decimal places', { exact: true })
      .waitFor()
    await fill(page).click()
    expect(await cost(page).inputValue()).toBe('30.7692')
    expect(await field(page, 'Number of sessions').inputValue()).toBe('400')
    expect(await note(page).inputValue()).toBe(
      'Mine.\nCost per session: salaries (mentoring only) £12,000 = £12,000 for 390 sessions, rounded to £30.7692',
    )
  })

  test('comes back: the result says what was entered, also where no cost with 4 decimals gives it', async () => {
    const page = await opened({ ...payload, sessions: 240 })
    const [result, programmeCost] = [page.getByRole('region', { name: 'Result' }), page.getByTestId('programme-cost')]
    await amount(page, 'Other').fill('2170.51')
    await fill(page).click()
    await programmeCost.getByText('2,170.51').waitFor()
    expect(await page.getByText('Yearly costs entered').count()).toBe(0)

    await open(page)
    await amount(page, 'Other').fill('2170.50')
    await dialog(page).getByText('£2,170.50 ÷ 240 sessions = £9.0438 per session', { exact: false }).waitFor()
    await fill(page).click()
    await page.getByRole('button', { name: 'Save result' }).click()
    await result.getByRole('heading', { name: 'Result', exact: true }).waitFor()
    await programmeCost.getByText('2,170.51').waitFor()
    await result.getByText('Yearly costs entered').waitFor()
    await result.getByText('£2,170.50', { exact: true }).waitFor()

    // Costs that the note states for other sessions are not those of this result.
    await field(page, 'Number of sessions').fill('241')
    await page.getByText('not saved', { exact: true }).waitFor()
    expect(await page.getByText('Yearly costs entered').count()).toBe(0)
  })

  test('reads the assumptions again once they have other costs, and follows the sessions of the form', async () => {
    const noteOf = (amount: string, count: number) =>
      `Cost per session: travel £${amount} = £${amount} for ${count} sessions`
    const id = await calculated({ ...payload, note: noteOf('800', 400) })
    const page = await pages.page(`${server.url}/sessions/${id}`)
    await open(page)
    expect(await amount(page, 'Travel').inputValue()).toBe('£800')
    await page.keyboard.press('Escape')
    await dialog(page).waitFor({ state: 'hidden' })
    await server.sessions.dispatch(id, {
      event: 'CalculateRequested',
      payload: { ...payload, note: noteOf('900', 300) },
    })
    await until(async () => (await note(page).inputValue()).includes('900'), 10_000, 'the new note')
    await open(page)
    expect(await amount(page, 'Travel').inputValue()).toBe('£900')
    expect(await amount(page, 'Sessions in that year').inputValue()).toBe('300')
    await page.keyboard.press('Escape')
    await dialog(page).waitFor({ state: 'hidden' })
    await server.sessions.dispatch(id, {
      event: 'CalculateRequested',
      payload: { ...payload, note: noteOf('1,000', 400) },
    })
    await until(async () => (await note(page).inputValue()).includes('1,000'), 10_000, 'the new note')
    await open(page)
    expect(await amount(page, 'Travel').inputValue()).toBe('£1,000')
    await page.keyboard.press('Escape')
    await field(page, 'Number of sessions').fill('500')
    await open(page)
    expect(await amount(page, 'Sessions in that year').inputValue()).toBe('500')
  })

  test('says before the assumptions get too long, and keeps what is typed until they are shorter', async () => {
    const page = await opened({ ...payload, note: 'x'.repeat(960) })
    await amount(page, 'Venue').fill('400')
    await dialog(page).getByRole('alert').getByText('at most 1,000 characters. Shorten them by 13 first').waitFor()
    await fill(page).click()
    expect(await dialog(page).isVisible()).toBe(true)
    await page.keyboard.press('Escape')
    await dialog(page).waitFor({ state: 'hidden' })
    expect(await cost(page).inputValue()).toBe('3.5')
    await page.getByText('Name, currency, source').click()
    await note(page).fill('x'.repeat(947))
    await open(page)
    expect(await amount(page, 'Venue').inputValue()).toBe('400')
    expect(await dialog(page).getByRole('alert').count()).toBe(0)
    await fill(page).click()
    await dialog(page).waitFor({ state: 'hidden' })
    expect((await note(page).inputValue()).length).toBe(1_000)
  })

  test('names each fault at its field, and changes nothing until they are mended', async () => {
    const page = await opened()
    await fill(page).click()
    await dialog(page).getByRole('alert').getByText('Enter at least one amount.').waitFor()
    await dialog(page).locator('[name="salary"]:focus').waitFor()
    await amount(page, 'Training').fill('eight')
    await amount(page, 'Travel').fill('€3')
    await amount(page, 'Materials').fill('30,25')
    await amount(page, 'Sessions in that year').fill('0')
    await fill(page).click()
    for (const fault of [
      'Training must be a number, for example 3.5.',
      'Travel must be in GBP, like the other amounts.',
      'Use a full stop for decimals, for example 3.50.',
      'Sessions in that year must be at least 1.',
    ])
      await dialog(page).getByText(fault, { exact: true }).waitFor()
    await dialog(page).locator('[name="training"]:focus').waitFor()
    await dialog(page).getByRole('button', { name: 'Did you mean 30.25?' }).click()
    await amount(page, 'Training').fill('8')
    await amount(page, 'Travel').fill('£3')
    await amount(page, 'Sessions in that year').fill('many')
    await dialog(page).getByText('Sessions in that year must be a whole number.').waitFor()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Escape')
    expect(await cost(page).inputValue()).toBe('3.5')
    expect(await note(page).inputValue()).toBe('')
  })

  test.each([
    ['de-DE', '12.000,50', '€', '30,0013', '12.000,50\u00a0€', 'für 400 Treffen, gerundet auf 30,0013\u00a0€'],
    ['fr-FR', '12 000,50', '€', '30,0013', '12\u202f000,50\u00a0€', 'pour 400 séances, arrondi à 30,0013\u00a0€'],
  ])(
    'reads and writes amounts as in %s, and keeps the sign that states the currency',
    async (locale, typed, sign, shown, written, end) => {
      const { currency, ...without } = payload
      const words = wordsOf(locale)
      const page = await pages.page(`${server.url}/sessions/${await calculated(without)}`, { locale })
      await page.getByRole('button', { name: words.yearlyCosts.open }).click()
      await page.getByLabel(words.yearlyCosts.names.salary).fill(`${typed} ${sign}`)
      await page.getByRole('button', { name: words.yearlyCosts.fill }).click()
      await page.getByRole('dialog').waitFor({ state: 'hidden' })
      expect(await cost(page).inputValue()).toBe(`${sign} ${shown}`)
      expect(await note(page).inputValue()).toContain(written)
      expect(await note(page).inputValue()).toMatch(new RegExp(`${end}$`))
      await page
        .getByRole('region', { name: words.result.whatIf })
        .or(page.getByText(words.result.notSaved))
        .first()
        .waitFor()
    },
  )

  test('must be in one currency, and leaves it to the form to ask which one a sign means', async () => {
    const { currency, ...without } = payload
    const page = await opened(without)
    await amount(page, 'Salaries (mentoring only)').fill('$400')
    await amount(page, 'Travel').fill('£4')
    await fill(page).click()
    await dialog(page).getByText('Travel must be in $, like the other amounts.').waitFor()
    await amount(page, 'Travel').fill('4')
    await fill(page).click()
    await dialog(page).waitFor({ state: 'hidden' })
    expect(await cost(page).inputValue()).toBe('$ 1.01')
    await form(page).getByText('Which currency is $? Enter its code, for example USD.').waitFor()
  })

  test('fits a small screen', async () => {
    const page = await opened(payload, { viewport: { width: 320, height: 640 } })
    await amount(page, 'Salaries (mentoring only)').fill('999999999999.99')
    await dialog(page).getByText('÷ 400 sessions').waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    const box = await dialog(page).evaluate(
      (of: { scrollWidth: number; clientWidth: number }) => of.scrollWidth - of.clientWidth,
    )
    expect(box).toBe(0)
    await fill(page).scrollIntoViewIfNeeded()
    expect(await violations(page)).toEqual([])
  })

  test('cannot be opened while its script cannot be loaded, which the page says', async () => {
    const page = await pages.page(`${server.url}/sessions/${await calculated()}`)
    await page.route(/yearly-costs/, route => route.abort())
    await page.getByRole('button', { name: 'Work it out from yearly costs' }).click()
    await form(page).getByRole('alert').getByText('We can’t reach the server').waitFor()
    await until(async () => pages.complaints().length > 0, 10_000, 'the failed request')
  })
})
