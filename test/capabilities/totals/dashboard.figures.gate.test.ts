import type { Page, WebSocket } from 'playwright-core'
import { inputs } from '../../support/inputs'
import { describePages } from '../../support/pages'
import { send } from '../../support/raw'
import { serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'

describePages('the figures', pages => {
  const server = serving(embeddedDatabase)

  test("are pushed over the list's connection when another client calculates, and are never polled", async () => {
    const { session } = await server.sessions.start({ mentor_id: 'ann' })
    const page = await pages.page(`${server.url}/healthz`) // sends no request that would count
    const net = page.getByTestId('netBenefit')
    const sockets: WebSocket[] = []
    const asked: string[] = []
    page.on('websocket', socket => sockets.push(socket))
    page.on('request', request => asked.push(request.postData() ?? ''))
    await page.goto(`${server.url}/?mentor=ann`)
    await net.getByText('0.00', { exact: true }).waitFor()

    const body = JSON.stringify({ event: 'CalculateRequested', payload: inputs })
    const path = `/api/v1/benefit-calculator-sessions/${session.session_id}`
    await send(server.url, 'PUT', path, { 'Content-Type': 'application/json' }, body)
    await net.getByText('287.50', { exact: true }).waitFor()
    await page.locator('.rows').getByText('375.00').waitFor()
    await page.getByText('from 1 result', { exact: true }).waitFor()
    expect(asked.filter(body => body.includes('sessions('))).toHaveLength(2) // before and after the feed is ready
    expect(asked.filter(body => body.includes('summary'))).toEqual([])
    expect(sockets).toHaveLength(1)
  })

  test('are listed by currency, the one with the most results first, and are never added up', async () => {
    const { url, sessions } = server
    const calculated = async (currency: string | null, cost_per_hour: number): Promise<void> => {
      const { session } = await sessions.start({ mentor_id: 'traveller' })
      const payload = { sessions: 10, avg_minutes: 60, cost_per_session: 5, cost_per_hour, currency }
      await sessions.dispatch(session.session_id, { event: 'CalculateRequested', payload })
    }
    const page = await pages.page(`${url}/?mentor=traveller`)
    const net = page.getByTestId('netBenefit')
    const others = page.getByRole('list', { name: 'Net benefit in other currencies' }).getByRole('listitem')
    await net.getByText('0.00', { exact: true }).waitFor()

    await calculated(null, 20)
    await net.getByText('150.00', { exact: true }).waitFor()
    await page.getByText('from 1 result', { exact: true }).waitFor()
    expect(await others.count()).toBe(0)

    await calculated('GBP', 30)
    await calculated('GBP', 1)
    await net.getByText('£210.00', { exact: true }).waitFor()
    await page.getByText('from 2 results', { exact: true }).waitFor()
    expect(await others.allTextContents()).toEqual(['150.00 no currency, ratio 4.00, 1 result'])

    for (const currency of ['EUR', 'USD', 'CHF', 'SEK']) await calculated(currency, 4)
    await page.getByRole('button', { name: 'Show all 5' }).click()
    expect(await others.allInnerTexts()).toEqual([
      expect.stringMatching(/^−CHF\s10.00 ratio 0.80, 1 result$/),
      expect.stringMatching(/^−€10.00/),
      expect.stringMatching(/^−SEK/),
      expect.stringMatching(/^−US\$10.00/),
      expect.stringMatching(/^150.00 no currency/),
    ])
  })

  test('show the change from the same months a year before under the same filter, and follow both', async () => {
    const { url, sessions } = server
    const calculated = async (to: string, cost_per_hour: number, currency = 'GBP', mentor_id = 'yearly') => {
      const { session } = await sessions.start({ mentor_id })
      const period = { from: to, to }
      const payload = { sessions: 10, avg_minutes: 60, cost_per_session: 10, cost_per_hour, currency, period }
      await sessions.dispatch(session.session_id, { event: 'CalculateRequested', payload })
    }
    await calculated('2026-03-31', 15.1)
    await calculated('2024-04-01', 99, 'EUR')
    await calculated('2024-03-31', 99) // before the months of a year before
    await calculated('2025-03-31', 99, 'GBP', 'another')
    const page = await pages.page(`${url}/?mentor=yearly&from=2025-04&to=2026-03`)
    const figures = page.getByRole('region', { name: 'Key figures' })
    await figures.getByText('No results in Apr 2024 – Mar 2025 to compare with').waitFor()
    expect(await figures.locator('.change').count()).toBe(0)

    await calculated('2025-03-31', 8)
    await figures.getByText('Compared with Apr 2024 – Mar 2025').waitFor()
    expect(await figures.locator('dl > div').allTextContents()).toEqual([
      'Value of mentors’ time£151.00Change +£71.00 (+88.8%)',
      'Programme cost£100.00Change £0.00 (0%)',
      'Net benefit£51.00Change +£71.00 (+355%)',
      'Benefit-cost ratio1.51Change +0.71 (+88.8%)',
      'Hours10.00Change 0 (0%)',
    ])

    await page.goto(`${url}/?mentor=yearly&from=2025-04`)
    await figures.getByText('£51.00', { exact: true }).waitFor()
    expect(await figures.getByText(/Compared|compare with/).count()).toBe(0)
  })

  test('show the change of the months that are over, and say so, if later months are not', async () => {
    const { url, sessions } = server
    const calculated = async (to: string, cost_per_hour: number) => {
      const { session } = await sessions.start({ mentor_id: 'to date' })
      const payload = { sessions: 10, avg_minutes: 60, cost_per_session: 10, cost_per_hour, currency: 'GBP' }
      const period = { from: to, to }
      await sessions.dispatch(session.session_id, { event: 'CalculateRequested', payload: { ...payload, period } })
    }
    await calculated('2025-05-31', 8)
    await calculated('2026-01-31', 90) // a year before a month that is not over
    await calculated('2026-05-31', 15.1)
    await calculated('2026-11-30', 1)
    const page = await pages.page(`${url}/healthz`)
    await page.clock.setFixedTime('2026-11-15T12:00:00Z')
    const figures = page.getByRole('region', { name: 'Key figures' })
    for (const path of ['/', '/report']) {
      await page.goto(`${url}${path}?mentor=to+date&from=2026-04&to=2027-03`)
      await page.getByText('Change to date: Apr – Oct 2026, compared with Apr – Oct 2025').waitFor()
      expect(await figures.locator('dl > div').first().textContent()).toBe(
        'Value of mentors’ time£161.00Change +£71.00 (+88.8%)',
      )
      await page.goto(`${url}${path}?mentor=to+date&from=2026-11&to=2026-11`)
      await page.getByText('No comparison with a year earlier, because these months are not over').waitFor()
      expect(await figures.locator('.change').count()).toBe(0)
    }
    await page.goto(`${url}/report?mentor=to+date&from=2026-04&to=2027-03&chart=year_before`)
    await page.locator('[data-month="2026-05-01"] rect.before').waitFor({ state: 'attached' })
    expect(await page.locator('[data-month]').count()).toBe(7)
  })

  test('lead to the calculations without a result, if there are some', async () => {
    const { url, sessions } = server
    const { session } = await sessions.start({ mentor_id: 'waiting' })
    const page = await pages.page(`${url}/?mentor=waiting`)
    await page.getByRole('link', { name: 'No result yet 1' }).click()
    await page.waitForURL(`${url}/?mentor=waiting&state=initial`)
    await page.locator(`.rows [data-id="${session.session_id}"]`).waitFor()
    expect(await page.getByRole('link', { name: /No result yet|Failed/ }).count()).toBe(0)
  })

  test('are not followed while the page is hidden, and are current as soon as it is visible again', async () => {
    const { url, sessions } = server
    const page = await pages.page(`${url}/?mentor=hidden`)
    const count = page.getByTestId('session-count')
    await count.getByText('0', { exact: true }).waitFor()
    const opened = page.waitForEvent('websocket')
    await page.reload()
    const socket = await opened
    await count.getByText('0', { exact: true }).waitFor()

    const completed = sent(socket, 'complete')
    await show(page, false)
    await completed
    await sessions.start({ mentor_id: 'hidden' })
    await page.locator('.rows [data-id]').waitFor()
    expect(await count.textContent()).toBe('0')

    const subscribed = sent(socket, 'subscribe')
    await show(page, true)
    await subscribed
    await count.getByText('1', { exact: true }).waitFor()
    await sessions.start({ mentor_id: 'hidden' })
    await count.getByText('2', { exact: true }).waitFor()
  })
})

const sent = (socket: WebSocket, type: string) =>
  socket.waitForEvent('framesent', ({ payload }) => JSON.parse(String(payload)).type === type)

const show = (page: Page, isSeen: boolean) =>
  page.evaluate(`
    Object.defineProperty(document, 'hidden', { configurable: true, value: ${!isSeen} })
    document.dispatchEvent(new Event('visibilitychange'))
  `)
