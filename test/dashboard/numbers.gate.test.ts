import type { Page } from 'playwright-core'
import { describePages } from '../support/pages'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { until } from '../support/until'
import { fillNumbers, wordsOf } from '../support/views'

interface Reader {
  locale: string
  /** What is typed or pasted into each field, and how the page says that it understood it. */
  sessions: [text: string, understood?: string]
  avgMinutes: [text: string, understood?: string]
  pastedCost: [text: string, understood?: string]
  /** Currency of the sign beside the pasted cost. */
  currency?: string
  /** A number in another locale's format, and the suggested meaning. */
  costPerHour: [text: string, suggestion: string]
}

describePages('numbers', pages => {
  const server = serving(embeddedDatabase)
  let mentors = 0

  const readers: Reader[] = [
    {
      locale: 'en-GB',
      sessions: ['1,234'],
      avgMinutes: ['37.5 mins'],
      pastedCost: ['£1,234.5', '£1,234.50'],
      currency: 'GBP',
      costPerHour: ['30,25', '30.25'],
    },
    {
      locale: 'de-DE',
      sessions: ['1.234'],
      avgMinutes: ['0 Std. 37,5', '37,5 Min.'],
      pastedCost: ['1.234,50 €'],
      currency: 'EUR',
      costPerHour: ['30.25', '30,25'],
    },
    {
      locale: 'fr-FR',
      sessions: ['1 234'],
      avgMinutes: ['0,625 heure', '37,5 min'],
      pastedCost: ['1234,50\u00a0€', '1\u202f234,50\u00a0€'],
      currency: 'EUR',
      costPerHour: ['30.25', '30,25'],
    },
    {
      locale: 'en-US',
      sessions: ['١٢٣٤', '1,234'],
      avgMinutes: ['٣٧٫٥', '37.50'],
      pastedCost: ['١٬٢٣٤٫٥٠', '1,234.50'],
      costPerHour: ['٣٠,٢٥', '30.25'],
    },
  ]

  test.each(readers)(
    'have the meaning of a reader of $locale: typed, pasted, and clarified if ambiguous',
    async reader => {
      const { locale, sessions, avgMinutes, pastedCost, currency, costPerHour } = reader
      const words = wordsOf(locale)
      const page = await opened(locale)
      const field = (name: 'sessions' | 'avgMinutes' | 'costPerSession' | 'costPerHour') =>
        page.getByLabel(words.calculator[name], { exact: true })
      const typedInto = async (name: 'sessions' | 'avgMinutes' | 'costPerHour', text: string): Promise<void> => {
        await field(name).focus()
        await page.keyboard.type(text)
      }

      await typedInto('sessions', sessions[0])
      await typedInto('avgMinutes', avgMinutes[0])
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
      await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(pastedCost[0])})`)
      await field('costPerSession').focus()
      await page.keyboard.press('ControlOrMeta+V')
      await typedInto('costPerHour', costPerHour[0])

      const ask = page.getByRole('button', { name: words.didYouMean(costPerHour[1]) })
      await ask.click()
      expect(await field('costPerHour').inputValue()).toBe(costPerHour[1])
      await ask.waitFor({ state: 'detached' })
      const said = await page.locator('.understood:not(:empty)').allTextContents()
      const understood = [sessions[1], avgMinutes[1], pastedCost[1]].filter(number => number !== undefined)
      expect(said).toEqual(understood.map(number => words.understood(number)))

      await page.getByRole('button', { name: words.calculator.calculate }).click()
      await page.getByRole('heading', { name: words.result.heading, exact: true }).waitFor()
      expect((await server.sessions.queries.get(idOf(page))).result?.inputs).toEqual({
        sessions: 1234,
        avg_minutes: 37.5,
        cost_per_session: 1234.5,
        cost_per_hour: 30.25,
        ...(currency && { currency }),
      })
    },
  )

  test('ignore the wheel, and an invalid number is refused before it is sent', async () => {
    const page = await opened('en-GB')
    const asked: string[] = []
    page.on('request', request => asked.push(request.postData() ?? ''))
    const cost = page.getByLabel('Cost per session', { exact: true })
    await page.getByLabel('Number of sessions', { exact: true }).fill('many')
    await page.getByText('Number of sessions must be a whole number.').waitFor()
    await page.getByLabel('Number of sessions', { exact: true }).fill('')
    await cost.fill('12 apples')
    await page.getByText('Cost per session must be a number, for example 3.5.').waitFor()
    await page.getByRole('button', { name: 'Calculate' }).click()
    await page.getByText('Number of sessions is required.').waitFor()
    await page.locator('[name="sessions"]:focus').waitFor()
    await cost.fill('12')
    await page.getByText('Cost per session must be a number').waitFor({ state: 'detached' })
    await cost.hover()
    await page.mouse.wheel(0, 240)
    await until(async () => (await page.evaluate<number>('scrollY')) > 0, 10_000, 'the page to scroll')
    expect(await cost.inputValue()).toBe('12')
    expect(asked.filter(body => body.includes('mutation'))).toEqual([])
  })

  test('show a fault after the click that leaves their field, so that the clicked button does not move away', async () => {
    const page = await opened('en-GB')
    const value = page.getByLabel('Value per hour', { exact: true })
    await value.pressSequentially('5 apples')
    await page.getByRole('button', { name: 'Calculate' }).click({ position: { x: 20, y: 2 }, timeout: 10_000 })
    await page.getByText('Number of sessions is required.').waitFor({ timeout: 10_000 })
    await page.getByText('Value per hour must be a number, for example 3.5.').waitFor()
  })

  test('in another than the stated currency are refused', async () => {
    const page = await opened('en-GB')
    await fillNumbers(page)
    await page.getByText('Name, currency, source').click()
    await page.getByLabel('Currency', { exact: true }).fill('GBP')
    const cost = page.getByLabel('Cost per session', { exact: true })
    await cost.fill('€ 3.50')
    await page.getByText('Cost per session must be in GBP, the currency below.').waitFor()
    await cost.fill('£ 3.50')
    await page.getByText('£4.29 for every £1.00 spent').waitFor()
  })

  test('take the currency from the sign beside an amount, if none is stated', async () => {
    const page = await opened('en-GB')
    const [cost, value] = await example(page)
    await cost.fill('£3.5')
    await page.getByText('We read this as £3.50').waitFor()
    await cost.fill('£3.50')
    await page.getByText('We read this as').waitFor({ state: 'detached' })
    await page.getByText('£4.29 for every £1.00 spent').waitFor()
    await page.getByText('Name, currency, source GBP').click()
    await page.getByText('GBP, from the sign beside the amount').waitFor()
    await value.fill('GBP 30')
    await page.getByRole('button', { name: 'Calculate' }).click()
    await page.getByRole('heading', { name: 'Result', exact: true }).waitFor()
    expect((await server.sessions.queries.get(idOf(page))).result?.inputs.currency).toBe('GBP')
    await page.reload()
    await page.getByText('Name, currency, source GBP').waitFor()
  })

  test('with the signs of two currencies are refused at the second amount', async () => {
    const page = await opened('en-GB')
    const [cost, value] = await example(page)
    await cost.fill('£12')
    await value.fill('€18.5')
    await page.getByText('Value per hour must be in £, like Cost per session.').waitFor()
    await page.getByText('We read this as €18.50').waitFor()
    expect(await value.getAttribute('aria-invalid')).toBe('true')
    await page.getByRole('button', { name: 'Calculate' }).click()
    await page.locator('[name="costPerHour"]:focus').waitFor()
    expect((await server.sessions.queries.get(idOf(page))).result).toBeNull()
    await value.fill('£18.50')
    await page.getByText('£0.77 for every £1.00 spent').waitFor()
  })

  test('with a sign of several currencies ask which one, and take a stated one with this sign', async () => {
    const page = await opened('en-GB')
    const [cost] = await example(page)
    await cost.fill('$3.50')
    await page.getByText('Which currency is $? Enter its code, for example USD.').waitFor()
    await page.getByRole('button', { name: 'Calculate' }).click()
    await page.locator('[name="currency"]:focus').waitFor()
    await page.keyboard.type('cad')
    await page.getByText('CA$4.29 for every CA$1.00 spent').waitFor()
    await cost.fill('US$3.50')
    await page.getByText('Cost per session must be in CAD, the currency below.').waitFor()
    await page.getByLabel('Currency', { exact: true }).fill('£')
    await cost.fill('3.50')
    await page.getByText('£4.29 for every £1.00 spent').waitFor()
  })

  test('may be hours, a range in one field, or negative in brackets, which is refused', async () => {
    const page = await opened('en-GB')
    const [cost] = await example(page)
    const minutes = page.getByLabel('Average length', { exact: true })
    for (const [text, understood] of [
      ['1:30', '90 min'],
      ['1h30', '90 min'],
      ['1 h', '60 min'],
      ['1.5 hrs', '90 min'],
      ['2 hours 15 mins', '135 min'],
    ] as const) {
      await minutes.fill(text)
      await page.getByText(`We read this as ${understood}`).waitFor()
    }
    for (const text of ['1:75', '1.5 h 10', '1 h 1 h']) {
      await minutes.fill(text)
      await page.getByText('Average length must be a number, for example 3.5.').waitFor()
      await minutes.fill('90 min')
      await page.getByText('Average length must be a number').waitFor({ state: 'detached' })
    }
    await cost.fill('(£4.50)')
    await page.getByText('An amount in brackets is negative. Cost per session can’t be less than 0.').waitFor()
    await cost.fill('£4.50')

    await page.getByText('Name, currency, source').click()
    const low = page.getByLabel('Lowest value per hour', { exact: true })
    await low.fill('£36')
    await page.getByText('Lowest value per hour can’t be more than the value per hour.').waitFor()
    await page.getByText('£10.00 for every £1.00 spent').waitFor()
    await low.fill('£26 - £34')
    await page.getByText('We read this as £26.00').waitFor()
    await page.getByText('We read this as £34.00').waitFor()
    await page.getByRole('button', { name: 'Calculate' }).click()
    await page.getByRole('heading', { name: 'Result', exact: true }).waitFor()
    expect((await server.sessions.queries.get(idOf(page))).result?.inputs).toMatchObject({
      avg_minutes: 90,
      cost_per_session: 4.5,
      cost_per_hour_range: { low: 26, high: 34 },
    })
  })

  /** Fills in the example, and returns the fields of the two amounts. */
  async function example(page: Page) {
    await fillNumbers(page)
    return [
      page.getByLabel('Cost per session', { exact: true }),
      page.getByLabel('Value per hour', { exact: true }),
    ] as const
  }

  async function opened(locale: string): Promise<Page> {
    // A mentor without results, so that the page proposes no values.
    const { session } = await server.sessions.start({ mentor_id: `mentor ${++mentors}` })
    const viewport = { width: 1_280, height: 500 }
    const page = await pages.page(`${server.url}/sessions/${session.session_id}`, { locale, viewport })
    await page.locator('form.calculator').waitFor()
    return page
  }

  const idOf = (page: Page): string => page.url().split('/').pop() ?? ''
})
