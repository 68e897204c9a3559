import type { Page } from 'playwright-core'
import { reportPath } from '../../../src/capabilities/reports/model'
import { monthAfter } from '../../../src/domain/months'
import { figures } from '../../db/every-kind'
import { inputs } from '../../support/inputs'
import { done, restApi } from '../../support/interfaces'
import { describePages, type Pages, violations } from '../../support/pages'
import { client } from '../../support/rest'
import { clockAt, type Server, serving, startServer } from '../../support/server'
import { keyFile, keysOfRoles, type MadeKey } from '../../support/service-keys'
import { noon, stored } from '../../support/sessions'
import { embeddedDatabase, type TestDatabase } from '../../support/stores'
import { withReports } from './api'

const { admin, coordinator, mentor, reader } = keysOfRoles()
const file = keyFile(admin, coordinator, mentor, reader)

let databases: TestDatabase[]
/** A server without sign-in, and one with service keys. */
let open: Server
let keyed: Server
beforeAll(async () => {
  databases = await Promise.all([embeddedDatabase(), embeddedDatabase()])
  const [a, b] = databases as [TestDatabase, TestDatabase]
  open = await startServer(a, { clock: clockAt(noon) })
  keyed = await startServer(b, { config: file.config })
  for (const { store } of [open, keyed])
    await stored(store, { mentor_id: 'ann', organisation_id: 'org_1' }, [figures({ sessions: 10, currency: 'GBP' })])
})
afterAll(async () => {
  await Promise.all([open, keyed].map(server => server?.stop()))
  await Promise.all(databases.map(database => database.drop()))
})

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const dialog = (page: Page) => page.getByRole('dialog', { name: 'Share this report' })
const link = (page: Page) => page.getByRole('textbox', { name: 'Link to the shared report' })

async function signedIn(pages: Pages, { key, entry }: MadeKey, path: string): Promise<Page> {
  const page = await pages.page(keyed.url + path)
  await page.getByLabel('Service key').fill(key)
  await button(page, 'Sign in').click()
  await page.locator('.menu').getByText(entry.name).waitFor()
  return page
}

describePages('sharing a report', pages => {
  const opened = async (path: string): Promise<Page> => {
    const page = await pages.page(`${open.url}/healthz`)
    await page.clock.setFixedTime(noon)
    await page.goto(open.url + path)
    return page
  }

  test('shows the link in place of the button, and the page behind it has the title and the months', async () => {
    const page = await opened('/report?organisation=org_1&from=2026-01&to=2026-03')
    await button(page, 'Share this report').click()
    await dialog(page).getByText('The report covers these months: Jan – Mar 2026.').waitFor()
    const title = dialog(page).getByLabel('Title')
    expect(await title.inputValue()).toBe('org_1, Jan – Mar 2026')
    expect(await dialog(page).getByRole('combobox').inputValue()).toBe('90')
    await title.fill(' ')
    await button(page, 'Share report').click()
    await dialog(page).getByText('Title is required.').waitFor()
    await title.fill('For the trustees')
    await dialog(page).getByRole('combobox').selectOption('1 year')
    await button(page, 'Share report').click()
    await link(page).waitFor()
    await page.getByText('Anyone with this link can see the report until 26 March 2027.').waitFor()
    expect(await button(page, 'Share this report').count()).toBe(0)
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Copy')

    const shared = await pages.page(await link(page).inputValue(), {}, open.url)
    await shared.getByRole('heading', { name: 'For the trustees' }).waitFor()
    expect(await shared.locator('body').textContent()).not.toContain('ann')

    // Another range is another report.
    await page.getByRole('combobox', { name: 'Months' }).selectOption('This month: Mar 2026')
    await button(page, 'Share this report').waitFor()
    expect(await link(page).count()).toBe(0)
    await page.goBack()
    await link(page).waitFor()
  })

  test('without a range, the dialog says that it shares the last 12 months', async () => {
    const period = { from: '2024-03-01', to: '2024-03-31' }
    await stored(open.store, { mentor_id: 'ann' }, [figures({ sessions: 30, currency: 'GBP', period })])
    const page = await opened('/report?mentor=ann')
    await button(page, 'Share this report').click()
    await dialog(page)
      .getByText(
        'No months are chosen, so the report covers the last 12 months: Apr 2025 – Mar 2026. Its totals are for these months only.',
      )
      .waitFor()
    const totals = dialog(page).getByRole('table').locator('tbody tr')
    expect(await totals.allInnerTexts()).toEqual([
      expect.stringMatching(/^Value of mentors’ time\s+£600.00\s+£150.00$/),
      expect.stringMatching(/^Programme cost\s+£\S+\s+£\S+$/),
    ])
    // The shared page names no mentor.
    expect(await dialog(page).getByLabel('Title').inputValue()).toBe('One mentor, Apr 2025 – Mar 2026')
    await button(page, 'Share report').click()
    const [token = ''] = (await link(page).inputValue()).split('/').slice(-1)
    const response = await fetch(`${open.url}/reports/${token}`, { headers: { Accept: 'application/json' } })
    const { from, to, results } = (await response.json()) as Record<string, unknown>
    expect({ from, to, results }).toEqual({ from: '2025-04', to: '2026-03', results: 1 })
  })

  test.each([
    ['?state=loaded', 'A report that is filtered by status can’t be shared. Remove that filter in the list.'],
    [
      '?without=organisation',
      'A report on calculations without an organisation can’t be shared. Remove that filter in the list, or choose an organisation.',
    ],
  ])('the button says why it is not available: %s', async (search, why) => {
    const page = await opened(`/report${search}`)
    await page.getByText(why).waitFor()
    await button(page, 'Share this report').click({ force: true })
    expect(await dialog(page).count()).toBe(0)
  })

  test.each([
    ['admin', true, admin],
    ['coordinator', true, coordinator],
    ['mentor', false, mentor],
    ['reader', false, reader],
  ])('a caller with the role %s may share a report: %s', async (_, may, key) => {
    const page = await signedIn(pages, key, '/report')
    await page.locator('.chart').or(page.locator('.report .nothing')).first().waitFor()
    expect(await button(page, 'Share this report').count()).toBe(may ? 1 : 0)
    if (!may) return
    await button(page, 'Share this report').click()
    await button(page, 'Share report').click()
    await link(page).waitFor()
  })

  test('a refusal appears in the dialog, which stays open', async () => {
    const outside = await signedIn(pages, coordinator, '/report?organisation=org_2')
    await button(outside, 'Share this report').click()
    await button(outside, 'Share report').click()
    const why = 'Your role doesn’t allow this. Ask your administrator.'
    await dialog(outside).getByRole('alert').getByText(why).waitFor()

    const share = () =>
      fetch(`${open.url}/api/v1/benefit-reports`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ title: 'One of many', organisation_id: 'full', from: '2026-03', to: '2026-03' }),
      })
    while ((await share()).status === 201);
    const page = await opened('/report?organisation=full')
    await button(page, 'Share this report').click()
    await button(page, 'Share report').click()
    await dialog(page)
      .getByRole('alert')
      .getByText('The maximum of 100 has been reached. Delete or revoke what you no longer need.')
      .waitFor()
    expect(await dialog(page).getByLabel('Title').inputValue()).toBe('full, Apr 2025 – Mar 2026')
  })
})

describePages('the page of everything that is shared', pages => {
  const server = serving(embeddedDatabase)
  const items = (page: Page) => page.getByRole('main').getByRole('listitem')

  test('lists reports before results, with their views and expiry', async () => {
    const { session_id } = (await server.sessions.start({ mentor_id: 'bob' })).session
    await server.sessions.dispatch(session_id, { event: 'CalculateRequested', payload: inputs })
    await server.sessions.dispatch(session_id, { event: 'ShareRequested' })
    const { token } = await server.reports.share({
      title: 'Annual report',
      organisation_id: 'northside',
      from: '2026-01',
      to: '2026-03',
    })
    const page = await pages.page(`${server.url}/shared`)
    await items(page).nth(1).waitFor()
    expect(await items(page).allInnerTexts()).toEqual([
      expect.stringMatching(
        /^Annual report\s+Report\s+northside · January\s–\sMarch 2026\s+Not viewed yet · Works until/,
      ),
      expect.stringMatching(/^bob\s+Result\s+Not viewed yet · Works until/),
    ])
    const address = items(page).first().getByRole('textbox')
    expect(await address.inputValue()).toBe(server.url + reportPath(token))
    expect(await violations(page)).toEqual([])
  })

  test('revokes a report, after it has said what stops working', async () => {
    const { token } = await server.reports.share({ title: 'Funder report', from: '2026-01', to: '2026-03' })
    const page = await pages.page(`${server.url}/shared`)
    const funder = items(page).filter({ hasText: 'Funder report' })
    await funder.getByRole('button', { name: 'Revoke link' }).click()
    await page.getByRole('dialog').getByText('You can’t undo this, but you can share a new report.').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke link' }).click()
    await funder.waitFor({ state: 'detached' })
    expect((await client(server).get(reportPath(token))).status).toBe(410)
    pages.complaints()
  })
})

/** Returns the link to a report with a result in each of its months and currencies. */
async function longReport(server: Server, months: number, currencies: string[]): Promise<string> {
  const api = withReports(restApi(server))
  const organisation_id = `An organisation with a long name and ${months} months in ${currencies}`
  const [from, to] = ['2010-04', monthAfter('2010-04', months - 1)]
  const figures = { avg_minutes: 45, cost_per_session: 9.25, cost_per_hour: 28.5 }
  // The first one is before the range, in the year that the report compares it with.
  for (let n = -1; n < months; n++) {
    const period = { from: '2010-01-01', to: `${monthAfter(from, n)}-01` }
    for (const currency of currencies) {
      const { session_id } = done(await api.start({ mentor_id: 'm', organisation_id })).session
      const inputs = { sessions: 1_000 + 7 * n, ...figures, currency, period }
      done(await api.dispatch(session_id, 'CalculateRequested', inputs))
    }
  }
  const title = 'What our mentors gave to the young people of this town, and what it cost'
  const { report } = done(await api.shareReport({ title, organisation_id, from, to }))
  return server.url + report.path
}

const longReports: [number, string[], number][] = [
  [12, ['GBP'], 1],
  [36, ['GBP'], 2],
  [36, ['GBP', 'EUR'], 2],
  [12, ['GBP', 'EUR', 'USD', 'JPY'], 2],
]

describePages('the page of a report', pages => {
  const server = serving(embeddedDatabase)

  test.each(['en-GB', 'de-DE', 'fr-FR'].flatMap(locale => longReports.map(of => [locale, ...of] as const)))(
    'a report prints on few sheets and fits a phone: %s, %d months in %j, %d of A4',
    async (locale, months, currencies, sheets) => {
      const page = await pages.page(await longReport(server, months, currencies), { colorScheme: 'dark', locale })
      for (const format of [{ preferCSSPageSize: true }, { format: 'A4' }, { format: 'Letter' }]) {
        const pdf = (await page.pdf(format)).toString('latin1')
        const pages = pdf.match(/\/Type \/Page\b(?!s)/g)?.length ?? 0
        expect(pages).toBeGreaterThan(0)
        expect(pages).toBeLessThanOrEqual('format' in format && format.format === 'A4' ? sheets : 2)
      }
      for (const width of [390, 320]) {
        await page.setViewportSize({ width, height: 740 })
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
        expect(await violations(page)).toEqual([])
      }
    },
    180_000,
  )
})
