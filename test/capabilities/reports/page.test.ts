import { chartOf } from '../../../src/capabilities/reports/chart'
import { reportPath } from '../../../src/capabilities/reports/model'
import type { Inputs } from '../../../src/domain/calculator'
import { inputs } from '../../support/inputs'
import { expectPrivatePage } from '../../support/private-pages'
import { client } from '../../support/rest'
import { clockAt, serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'

const clock = clockAt('2026-04-06T09:00:00Z')
const server = serving(embeddedDatabase, { clock })
const { get } = client(server)
const browser = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }
const british = { ...browser, 'Accept-Language': 'en-GB' }
const asJson = { Accept: 'application/json' }

const organisation_id = 'an "organisation" & more'

async function calculated(payload: Partial<Inputs>, mentor_id = 'Ann Smith <b>'): Promise<void> {
  const { sessions } = server
  const { session } = await sessions.start({ mentor_id, organisation_id })
  await sessions.dispatch(session.session_id, { event: 'CalculateRequested', payload: { ...inputs, ...payload } })
}

const endsIn = (month: string) => ({ period: { from: '2026-01-01', to: `${month}-28` } })

async function shared(more: object = {}): Promise<{ report_id: string; path: string }> {
  const body = { title: 'Our <year> & "more"', organisation_id, from: '2026-01', to: '2026-03', ...more }
  const { report_id, token } = await server.reports.share(body)
  return { report_id, path: reportPath(token) }
}

beforeAll(async () => {
  await calculated({ sessions: 1_250, currency: 'GBP', ...endsIn('2026-01') })
  await calculated({ sessions: 10, currency: 'GBP', ...endsIn('2026-03') }, 'Bob Smith')
  await calculated({ sessions: 20, cost_per_session: 40, ...endsIn('2026-03') })
})

describe('a report', () => {
  test.each([browser.Accept, '*/*', 'application/json;q=0.5, */*', ''])(
    'is a page unless JSON is requested: %s',
    async Accept => {
      const { status, headers, text } = await get((await shared()).path, Accept ? { Accept } : {})
      expect(status).toBe(200)
      expect(headers['content-type']).toBe('text/html; charset=utf-8')
      expect(headers.vary).toMatch(/\bAccept\b/)
      expect(text).toMatch(/^<!doctype html>/)
    },
  )

  test.each(['application/json', 'application/json, text/html;q=0.9'])('is JSON on request: %s', async Accept => {
    const { headers, text } = await get((await shared()).path, { Accept })
    expect(headers['content-type']).toBe('application/json; charset=utf-8')
    expect(JSON.parse(text)).toMatchObject({ organisation_id, mentors: 2, results: 3 })
  })

  test('is 406 if neither is accepted', async () => {
    expect((await get((await shared()).path, { Accept: 'image/png' })).status).toBe(406)
  })

  test('is kept out of caches, referrers and search engines, and its policy allows only its own style', async () => {
    const { path } = await shared()
    for (const page of [path, '/reports/none']) expectPrivatePage(await get(page, browser))
  })

  test('shows title, months, organisation, sums by currency, months, mentors, times, method and caveat', async () => {
    const { text } = await get((await shared()).path, british)
    for (const words of [
      '<h1>Our &lt;year&gt; &amp; &quot;more&quot;</h1>',
      '<bdi>an &quot;organisation&quot; &amp; more</bdi> · January 2026 to March 2026',
      'Every £1.00 spent gives £4.29 of mentors’ time',
      '<dt>Value of mentors’ time</dt>\n<dd>£18,900.00</dd>',
      '<dt>Programme cost</dt>\n<dd>£4,410.00</dd>',
      '<dt>Net benefit</dt>\n<dd>£14,490.00</dd>',
      '<dt>Benefit-cost ratio</dt>\n<dd>4.29</dd>',
      '<dt>Hours of mentoring</dt>\n<dd>630.00</dd>',
      'Number of sessions</th><td>1,260</td>',
      '<strong class="loss">−500.00</strong> (the organisation’s own currency, ratio 0.38)',
      '<h2>Totals in GBP</h2>',
      '<h2>Totals in the organisation’s own currency</h2>',
      'Net benefit</th><td>−500.00</td>',
      'Number of mentors</th><td>2</td>',
      'Number of results</th><td>3</td>',
      '<h2>Month by month, in GBP</h2>',
      'Jan 2026</th><td>£18,750.00</td><td>£4,375.00</td><td>£14,375.00</td>',
      'Feb 2026</th><td>–</td><td>–</td><td>–</td>',
      'Total</th><td>£18,900.00</td><td>£4,410.00</td><td>£14,490.00</td>',
      'Value of mentors’ time and programme cost for each month from January 2026 to March 2026.',
      'It is not a social return on investment',
      'Method time-value/1: ',
      'Created on <time datetime="2026-04-06T09:00:00Z">6 April 2026 at 09:00 UTC</time>',
      'works until <time datetime="2026-07-05T09:00:00Z">5 July 2026 at 09:00 UTC</time>',
    ]) {
      expect(text).toContain(words)
    }
    // Only the currency with the most results has a headline.
    expect(text.match(/spent gives/g)).toHaveLength(1)
  })

  test('compares its months with those a year before, if these have results', async () => {
    const mentor_id = 'of two years'
    await calculated({ sessions: 20, currency: 'GBP', ...endsIn('2026-02') }, mentor_id)
    const alone = (await get((await shared({ mentor_id })).path, british)).text
    expect(alone).toContain('This report has no results for Jan 2025 – Mar 2025 to compare with.')
    expect(alone).not.toMatch(/<th scope="col">(Change|Jan 2025)/)
    const earlier = (month: string) => ({ period: { from: '2024-01-01', to: `${month}-28` } })
    await calculated({ sessions: 16, currency: 'GBP', ...earlier('2025-02') }, mentor_id)
    await calculated({ sessions: 1, currency: 'EUR', ...earlier('2025-03') }, mentor_id)
    const { text } = await get((await shared({ mentor_id })).path, british)
    for (const words of [
      'Compared with Jan 2025 – Mar 2025.',
      '<dd>£300.00</dd><dd class="change"><span class="unseen">Change </span>+£60.00 (+25%)</dd>',
      '<th scope="col">Jan 2026 – Mar 2026</th><th scope="col">Jan 2025 – Mar 2025</th><th scope="col">Change</th>',
      'Value of mentors’ time</th><td>£300.00</td><td>£240.00</td><td>+£60.00 (+25%)</td>',
      'Benefit-cost ratio</th><td>4.29</td><td>4.29</td><td>0 (0%)</td>',
      'Number of mentors</th><td>1</td><td>1</td><td>0 (0%)</td>',
      'Number of results</th><td>1</td><td>2</td><td>−1 (−50%)</td>',
      'Number of sessions</th><td>20</td><td>16</td><td>+4 (+25%)</td>',
      'Number of sessions</th><td>–</td><td>1</td><td>–</td>',
    ]) {
      expect(text).toContain(words)
    }
    expect(text.match(/<h2>Totals in (GBP|EUR)<\/h2>/g)).toHaveLength(2)
  })

  test('compares only months that were over, and says so', async () => {
    const mentor_id = 'of a year to date'
    const periodIn = (month: string) => ({ currency: 'GBP', period: { from: '2024-01-01', to: `${month}-28` } })
    for (const month of ['2026-02', '2026-04', '2026-06'])
      await calculated({ sessions: 20, ...periodIn(month) }, mentor_id)
    for (const month of ['2025-02', '2025-04', '2025-06'])
      await calculated({ sessions: 16, ...periodIn(month) }, mentor_id)
    const { text } = await get((await shared({ mentor_id, to: '2026-12' })).path, british)
    for (const words of [
      'Changes to date: Jan 2026 – Mar 2026, compared with Jan 2025 – Mar 2025.',
      '<dd>£900.00</dd><dd class="change"><span class="unseen">Change </span>+£60.00 (+25%)</dd>',
      '<th scope="col">Jan 2026 – Dec 2026</th><th scope="col">Jan 2026 – Mar 2026</th><th scope="col">Jan 2025 – Mar 2025</th><th scope="col">Change</th>',
      'Value of mentors’ time</th><td>£900.00</td><td>£300.00</td><td>£240.00</td><td>+£60.00 (+25%)</td>',
      'Number of results</th><td>3</td><td>1</td><td>1</td><td>0 (0%)</td>',
    ]) {
      expect(text).toContain(words)
    }
    const { text: none } = await get((await shared({ mentor_id, from: '2026-04', to: '2026-12' })).path, british)
    expect(none).toContain('No comparison with a year earlier, because these months were not over.')
    expect(none).not.toMatch(/class="change"|<th scope="col">Change/)
  })

  test('names no mentor, also if it is about one', async () => {
    for (const more of [{}, { mentor_id: 'Ann Smith <b>' }]) {
      const { path, report_id } = await shared(more)
      for (const headers of [browser, asJson]) {
        const { text } = await get(path, headers)
        expect(text).not.toMatch(/Smith/)
        expect(text).not.toContain(report_id)
      }
    }
  })

  test('of one month names it once, and one about everything names no organisation', async () => {
    const { path } = await shared({ from: '2026-03', to: '2026-03', organisation_id: null })
    const { text } = await get(path, british)
    expect(text).toContain('<bdi>All organisations</bdi> · March 2026<')
  })

  test('shows three currencies in full, and of the others only the months with results', async () => {
    const mentor_id = 'of many currencies'
    for (const [n, currency] of ['CHF', 'DKK', 'EUR', 'NOK', 'SEK'].entries())
      await calculated({ currency, ...endsIn(n === 0 ? '2026-01' : '2026-03') }, mentor_id)
    const { text } = await get((await shared({ mentor_id })).path, british)
    expect(text.match(/<svg/g)).toHaveLength(3)
    expect(text.match(/Month by month, in/g)).toHaveLength(10)
    expect(text.match(/Feb 2026<\/th>/g)).toHaveLength(3)
    const inTable = text.slice(text.lastIndexOf('<thead>'))
    expect(inTable.match(/<th scope="row">/g)).toHaveLength(2)
    expect(inTable).toContain('Mar 2026</th>')
  })

  test('without results says so, and has no chart', async () => {
    const { text } = await get((await shared({ from: '2020-01', to: '2020-12' })).path, british)
    expect(text).toContain('There are no results in these months.')
    expect(text).not.toMatch(/<svg|NaN|Infinity|undefined|null/)
  })

  test.each([
    ['de-DE, en;q=0.5', 'de', 'Januar 2026 bis März 2026', 'Monat für Monat', 'kein Social Return', 'Erstellt am'],
    ['fr-CA', 'fr', 'janvier 2026 – mars 2026', 'Mois par mois', 'pas un retour social', 'Établi le'],
    ['pl', 'en', 'January 2026 to March 2026', 'Month by month', 'not a social return', 'Created on'],
  ])('uses the requested language, for its numbers too: %s', async (language, name, ...words) => {
    const { text, headers } = await get((await shared()).path, { ...browser, 'Accept-Language': language })
    expect(headers['content-language']).toBe(name)
    expect(headers.vary).toMatch(/\bAccept-Language\b/)
    expect(text).toContain(`<html lang="${name}">`)
    for (const one of words) expect(text).toContain(one)
    if (name !== 'en') expect(text.split('</style>')[1]).not.toMatch(/\b(the|time of|worth|spent|month by)\b/)
  })

  test('has a title and a description for previews, without figures or the token', async () => {
    const { path } = await shared()
    const [head = ''] = (await get(path, browser)).text.split('<style>')
    const title = 'Our &lt;year&gt; &amp; &quot;more&quot; – Report on a mentoring programme'
    expect(head).toContain(`<title>${title}</title>`)
    expect(head).toContain(`<meta property="og:title" content="${title}">`)
    expect(head).not.toContain(path.split('/').at(-1))
    expect(head).not.toMatch(/18[.,]900|4[.,]29/)
  })

  test('has a page that says so if it was revoked or never issued', async () => {
    const { path, report_id } = await shared()
    await server.reports.revoke(report_id)
    const gone = await get(path, browser)
    expect(gone.status).toBe(410)
    expect(gone.text).toContain('<h1>This report is no longer shared</h1>')
    const unknown = await get('/reports/%3Cscript%3Ealert(1)%3C%2Fscript%3E', browser)
    expect(unknown.status).toBe(404)
    expect(unknown.text).toContain('<h1>There is no report at this link</h1>')
    expect(unknown.text).not.toContain('alert')
    expect((await get(path, { ...browser, 'Accept-Language': 'de' })).text).toContain(
      'Dieser Bericht wird nicht mehr geteilt',
    )
    expect(JSON.parse((await get(path, asJson)).text)).toMatchObject({
      code: 'share_gone',
      detail: 'This report was revoked or has expired. Ask for a new one.',
    })
    expect(JSON.parse((await get('/reports/none', asJson)).text)).toMatchObject({
      code: 'share_not_found',
      detail: 'No report has this token. Check the link.',
    })
  })
})

describe('the chart', () => {
  const words = { value: 'value', cost: 'cost', mark: String }
  const month = (n: number, value: number, cost: number) => ({ name: `month ${n}`, value, cost })
  const texts = (...months: ReturnType<typeof month>[]) => chartOf(months, words).flatMap(({ text }) => text ?? [])

  test.each([
    [[[0, 0]], ['0', '1']],
    [[[7, 3]], ['0', '2', '4', '6', '8']],
    [[[0.05, 0.02]], ['0', '0.01', '0.02', '0.03', '0.04', '0.05']],
    [[[999_999, 1_200_000]], ['0', '500000', '1000000', '1500000']],
  ])('of %j has marks at round amounts, up to the largest', (amounts, marks) => {
    const shown = texts(...amounts.map(([value = 0, cost = 0], n) => month(n, value, cost)))
    expect(shown.filter(text => /^[\d.]+$/.test(text)).map(text => String(Number(Number(text).toFixed(6))))).toEqual(
      marks,
    )
  })

  test.each([1, 3, 4, 5, 36, 120])('of %d months labels at most four, and keeps every bar inside', count => {
    const months = Array.from({ length: count }, (_, n) => month(n, n + 1, count - n))
    expect(texts(...months).filter(text => text.startsWith('month')).length).toBeLessThanOrEqual(4)
    for (const { element, attributes } of chartOf(months, words)) {
      if (element !== 'rect') continue
      const { x, y, width, height } = attributes as Record<string, number>
      expect([x, y, width, height].every(value => value !== undefined && value >= 0)).toBe(true)
      expect(Number(x) + Number(width)).toBeLessThanOrEqual(640)
    }
  })
})
