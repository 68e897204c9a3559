import type { Inputs } from '../../../src/domain/calculator'
import { methods } from '../../../src/domain/methods'
import { html, Markup } from '../../../src/rest/pages/html'
import { de } from '../../../src/rest/pages/words/de'
import { caveat, en } from '../../../src/rest/pages/words/en'
import { fr } from '../../../src/rest/pages/words/fr'
import { rowsOf } from '../../support/csv'
import { expectPrivatePage } from '../../support/private-pages'
import { client } from '../../support/rest'
import { serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'

const server = serving(embeddedDatabase)
const { get } = client(server)
const browser = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }
const asJson = { Accept: 'application/json' }
const inputs: Inputs = { sessions: 1_250, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30 }

interface Sharing {
  organisation_id?: string | null
  show_organisation?: boolean
}

async function shared(
  payload = inputs,
  { organisation_id = 'an "organisation" & more', show_organisation = false }: Sharing = {},
): Promise<{ id: string; path: string }> {
  const { sessions } = server
  const { session } = await sessions.start({ mentor_id: 'a mentor <b>', organisation_id })
  await sessions.dispatch(session.session_id, { event: 'CalculateRequested', payload })
  await sessions.dispatch(session.session_id, { event: 'ShareRequested', payload: { show_organisation } })
  const share = sessions.queries.liveShare(await sessions.queries.get(session.session_id))
  return { id: session.session_id, path: `/shared/${share?.token}` }
}

describe('a share link', () => {
  test.each([
    browser.Accept,
    'text/html',
    'text/html, application/json;q=0.9',
    '*/*',
    'application/json;q=0.5, */*',
    '',
  ])('is a page unless JSON is requested: %s', async Accept => {
    const { status, headers, text } = await get((await shared()).path, Accept ? { Accept } : {})
    expect(headers.vary).toMatch(/\bAccept\b/)
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(text).toMatch(/^<!doctype html>/)
  })

  test.each(['application/json', 'application/json, text/html;q=0.9', 'application/json, */*;q=0.1'])(
    'is JSON on request: %s',
    async Accept => {
      const { headers, text } = await get((await shared()).path, { Accept })
      expect(headers['content-type']).toBe('application/json; charset=utf-8')
      expect(headers.vary).toMatch(/\bAccept\b/)
      expect(JSON.parse(text).outputs.benefit_cost_ratio).toBe(4.29)
    },
  )

  test('is 406 if neither is accepted', async () => {
    expect((await get((await shared()).path, { Accept: 'image/png' })).status).toBe(406)
  })

  test('is kept out of caches, referrers and search engines, and its policy allows only its own style', async () => {
    expectPrivatePage(await get((await shared()).path, browser))
  })

  test('shows the label, the period and the currency', async () => {
    const period = { from: '2026-01-05', to: '2026-03-31' }
    const { path } = await shared({ ...inputs, label: 'Year 9 <reading> & "more"', currency: 'GBP', period })
    const { text } = await get(path, { ...browser, 'Accept-Language': 'en-GB' })
    for (const words of [
      'Year 9 &lt;reading&gt; &amp; &quot;more&quot;',
      'Every £1.00 spent gives £4.29',
      'Amounts are in GBP.',
      '£18,750.00',
      '<dd>£4,375.00</dd>',
      '<td>£3.50</td>',
      '<td>£30.00</td>',
      '5 January 2026</time> to <time datetime="2026-03-31">31 March 2026',
      '<dd>4.29</dd>',
      '<td>328.57</td>',
      '<td>£7.00</td>',
    ]) {
      expect(text).toContain(words)
    }
  })

  test('shows whose it is only if the organisation agreed, and never a mentor', async () => {
    const payload = { ...inputs, cost_per_session: 40, currency: 'GBP', label: 'Spring' }
    const subjects = [
      [{}, '<bdi>Spring</bdi>'],
      [{ show_organisation: true }, '<bdi>an &quot;organisation&quot; &amp; more</bdi> · <bdi>Spring</bdi>'],
      [{ show_organisation: true, organisation_id: null }, '<bdi>No organisation</bdi> · <bdi>Spring</bdi>'],
    ] as const
    for (const [sharing, subject] of subjects) {
      const { text } = await get((await shared(payload, sharing)).path, { ...browser, 'Accept-Language': 'en-GB' })
      expect(text).toContain(
        `<p class="subject">${subject}</p>\n<h1>Every £1.00 spent gives £0.38 of mentors’ time</h1>`,
      )
      expect(text).toContain('<dd class="loss">−£31,250.00</dd>')
      expect(text).not.toContain('a mentor &lt;')
    }
  })

  test('shows the source, the assumptions and the range of the value per hour', async () => {
    const described = {
      ...inputs,
      currency: 'GBP',
      value_source: 'ASHE <2025>',
      note: 'First & foremost.\n<b>Second.',
      cost_per_hour_range: { low: 20, high: 36.5 },
    }
    const { path } = await shared(described)
    const { text } = await get(path, { ...browser, 'Accept-Language': 'en-GB' })
    for (const words of [
      '<h2>Source of the value per hour</h2>\n<p class="text">ASHE &lt;2025&gt;</p>',
      '<h2>Assumptions</h2>\n<p class="text">First &amp; foremost.\n&lt;b&gt;Second.</p>',
      '<h2>With the lowest and the highest value per hour</h2>',
      'Value per hour</th><td>£20.00</td><td>£36.50</td>',
      '<td>£12,500.00</td><td>£22,812.50</td>',
      '<td>£8,125.00</td><td>£18,437.50</td>',
      'Benefit-cost ratio</th><td>2.86</td><td>5.21</td>',
    ]) {
      expect(text).toContain(words)
    }
    const without = (await get((await shared()).path, browser)).text
    expect(without).not.toMatch(/Source of|Assumptions|lowest/)
  })

  const inGbp = { ...inputs, currency: 'GBP' }

  test.each([
    [
      'en-GB',
      'Between £2.86 and £5.21 for every £1.00',
      'The stated value per hour gives £4.29.',
      'break-even at £1.00',
    ],
    ['de-DE', 'Zwischen 2,86\u00a0£ und 5,21\u00a0£ je 1,00\u00a0£', 'sind es 4,29\u00a0£.', 'kostendeckend ab'],
    ['fr-FR', 'Entre 2,86\u00a0£GB et 5,21\u00a0£GB pour 1,00\u00a0£GB', 'donne 4,29\u00a0£GB.', 'équilibre à 1,00'],
  ])('draws the range of the ratio as a bar, with a text alternative: %s', async (language, title, stated, equal) => {
    const { path } = await shared({ ...inGbp, cost_per_hour_range: { low: 20, high: 36.5 } })
    const { text } = await get(path, { ...browser, 'Accept-Language': language })
    const [, drawn = '', label = '', shapes = ''] =
      /<p>([^<]*)<\/p>\n<svg viewBox="[\d ]+" role="img" aria-label="([^"]*)">([\s\S]*?)<\/svg>/.exec(text) ?? []
    expect(drawn).toBe(title)
    expect(label).toContain(stated)
    expect(shapes).toContain(equal)
  })

  test.each([
    ['without a ratio', { ...inGbp, cost_per_session: 0, cost_per_hour_range: { low: 20, high: 40 } }],
    ['with one value in place of a range', { ...inGbp, cost_per_hour_range: { low: 30, high: 30 } }],
    ['without a range', inGbp],
  ])('draws no bar %s', async (_, payload) => {
    const { text } = await get((await shared(payload)).path, { ...browser, 'Accept-Language': 'en-GB' })
    expect(text.match(/<svg/g)).toHaveLength(1)
    expect(text).not.toContain('Between')
  })

  test('draws a bar for the largest ratios', async () => {
    const most = { sessions: 1e6, avg_minutes: 1_440, cost_per_session: 0.0001, cost_per_hour: 1e6, currency: 'GBP' }
    const { path } = await shared({ ...most, cost_per_hour_range: { low: 0, high: 1e6 } })
    const { text } = await get(path, { ...browser, 'Accept-Language': 'en-GB' })
    expect(text).toContain('Between £0.00 and £240,000,000,000.00 for every £1.00')
    expect(text).not.toMatch(/NaN|Infinity/)
  })

  test('shows a range without a ratio if there is none', async () => {
    const { path } = await shared({ ...inputs, cost_per_session: 0, cost_per_hour_range: { low: 20, high: 40 } })
    const { text } = await get(path, { ...browser, 'Accept-Language': 'en-GB' })
    const [, table = ''] = text.split('<h2>With the lowest')
    expect(table.slice(0, table.indexOf('</table>'))).not.toMatch(/ratio|null|undefined/)
  })

  test.each([
    ['en', 'doesn’t measure what changed', 'It is comparable to a published VIVA ratio only if'],
    ['de', 'Es misst nicht', 'nur vergleichbar, wenn diese Kosten alle Ausgaben'],
    ['fr', 'Il ne mesure ni', 'comprennent toutes les dépenses'],
  ])('translates each caveat of the method into %s, and states an unknown one as it is', (language, first, second) => {
    const { caveat } = { en, de, fr }[language] as typeof en
    expect(caveat(methods[1].caveat, methods[1].method)).toContain(first)
    expect(caveat(methods[2].caveat, methods[2].method)).toContain(second)
    expect(caveat('An early caveat.', methods[1].method)).toBe('An early caveat.')
    expect(caveat(methods[1].caveat, 'time-value/0')).toBe(methods[1].caveat)
  })

  test.each([
    ['JPY', '¥4,320', '¥3.456'],
    ['KWD', 'KWD\u00a04,320.00', 'KWD\u00a03.456'],
  ])(
    'shows the decimals of %s, at most 2, and an entered amount with all its decimals',
    async (currency, cost, entered) => {
      const { path } = await shared({ ...inputs, currency, cost_per_session: 3.456 })
      const { text } = await get(path, { ...browser, 'Accept-Language': 'en' })
      expect(text).toContain(`<dd>${cost}</dd>`)
      expect(text).toContain(`<td>${entered}</td>`)
      expect(text).toContain('break-even at 6.91 minutes')
    },
  )

  test('shows the whole statement, its method and its caveat, and no mentor or organisation', async () => {
    const { path, id } = await shared()
    const { text } = await get(path, { ...browser, 'Accept-Language': 'en-GB' })
    for (const words of ['18,750.00', '4,375.00', '14,375.00', '1,250', 'Every 1.00 spent gives 4.29']) {
      expect(text).toContain(words)
    }
    const { caveat: stated, method } = JSON.parse((await get(path, asJson)).text)
    expect(text).toContain(caveat(stated, method))
    expect(text).toContain(method)
    expect(text).not.toMatch(/a mentor &lt;|&quot;organisation/)
    expect(text).not.toContain(id)
  })

  test.each([
    ['de-DE,de;q=0.9', '18.750,00'],
    ['fr', '18\u202f750,00'],
    ['xx-invalid-tag-, en-GB', '18,750.00'],
    ['*', /18.?750.00/],
    ['"><script>', /18.?750.00/],
  ])('formats its numbers for %s', async (language, amount) => {
    const { status, text } = await get((await shared()).path, { ...browser, 'Accept-Language': language })
    expect(status).toBe(200)
    expect(text).toMatch(amount)
    expect(text).not.toContain('<script>')
  })

  test.each([
    [{ ...inputs, sessions: 0 }, 'no sessions were held'],
    [{ ...inputs, cost_per_session: 0 }, 'the sessions cost nothing'],
    [{ ...inputs, cost_per_hour: 0 }, 'an hour is valued at nothing'],
    [{ ...inputs, avg_minutes: 0 }, 'the sessions took no time'],
    [{ sessions: 0, avg_minutes: 0, cost_per_session: 0, cost_per_hour: 0 }, 'no sessions were held'],
    [{ sessions: 1e6, avg_minutes: 1_440, cost_per_session: 1e6, cost_per_hour: 1e6 }, '24.00'],
  ])('for %j shows %s and a plot that can be drawn', async (payload, words) => {
    const { text } = await get((await shared(payload)).path, { ...browser, 'Accept-Language': 'en' })
    expect(text).toContain(words)
    expect(text).not.toMatch(/NaN|Infinity|undefined|null/)
  })

  test.each([
    ['de-AT, en;q=0.5', 'de', 'Auf je', 'Wert der Mentoring-Zeit', 'kein Social Return'],
    ['fr-CA', 'fr', 'Pour 1,00 dépensé', 'Valeur du temps de mentorat', 'pas un retour social'],
    ['pl, en-GB;q=0.5', 'en', 'Every 1.00 spent', 'Value of mentors’ time', 'not a social return'],
    ['pl', 'en', 'Every 1.00 spent', 'Value of mentors’ time', 'not a social return'],
  ])('uses the requested language, for its numbers too: %s', async (language, name, ...words) => {
    const { text, headers } = await get((await shared()).path, { ...browser, 'Accept-Language': language })
    expect(headers['content-language']).toBe(name)
    expect(headers.vary).toMatch(/\bAccept-Language\b/)
    expect(text).toContain(`<html lang="${name}">`)
    for (const one of words) expect(text).toContain(one)
    if (name !== 'en') expect(text).not.toMatch(/\b(the|sessions|minutes of|worth)\b/)
  })

  test('says that a newer result exists, and shows nothing of it', async () => {
    const { id, path } = await shared()
    const words = 'There is a newer result.'
    expect((await get(path, browser)).text).not.toContain(words)
    await server.sessions.dispatch(id, { event: 'CalculateRequested', payload: { ...inputs, sessions: 7_777 } })
    const { text } = await get(path, browser)
    expect(text).toContain(words)
    expect(text).toContain('1,250')
    expect(text).not.toContain('7,777')
    expect(Object.keys(JSON.parse((await get(path, asJson)).text))).not.toContain('superseded')
  })

  test('has a title and a description for previews, with the label and without figures or the token', async () => {
    const { path } = await shared({ ...inputs, label: 'Year 9 "reading"' })
    const [head = ''] = (await get(path, browser)).text.split('<style>')
    const [, token = ''] = /([^/]+)$/.exec(path) ?? []
    expect(head).toContain(
      '<meta property="og:title" content="Year 9 &quot;reading&quot; – Benefit of a mentoring programme">',
    )
    expect(head).toContain('<title>Year 9 &quot;reading&quot; – Benefit of a mentoring programme</title>')
    expect(head).toMatch(/<meta property="og:description" content="A shared result[^"]+">/)
    expect(head).not.toContain(token)
    expect(head).not.toMatch(/4[.,]29|18[.,]750/)
  })

  test('can be saved as JSON or CSV, without mentor or organisation', async () => {
    const { path, id } = await shared({ ...inputs, label: '=1+1', currency: 'GBP' })
    const json = await get(`${path}?format=json`, browser)
    expect(json.headers['content-disposition']).toMatch(/^attachment; filename="shared-result-\d{4}-\d\d-\d\d\.json"$/)
    expect(JSON.parse(json.text)).toEqual(JSON.parse((await get(path, asJson)).text))
    const csv = await get(`${path}?format=csv`, browser)
    expect(csv.headers).toMatchObject({ 'content-type': 'text/csv; charset=utf-8', 'cache-control': 'no-store' })
    expect(csv.headers['content-disposition']).toMatch(/\.csv"$/)
    const [row] = rowsOf(csv.text)
    expect(row).toMatchObject({ label: "'=1+1", currency: 'GBP', sessions: '1250', benefit_cost_ratio: '4.29' })
    expect(Object.keys(row ?? {})).not.toEqual(expect.arrayContaining(['session_id']))
    for (const { text } of [json, csv]) expect(text).not.toMatch(new RegExp(`${id}|a mentor|organisation"`))
    expect((await get(path, { Accept: 'text/csv' })).text).toBe(csv.text)
    expect((await get(`${path}?format=xml`, browser)).status).toBe(400)
  })

  test.each([
    ['en', 'Page not found', 'Go to the calculator'],
    ['de', 'Seite nicht gefunden', 'Zum Rechner'],
    ['fr', 'Page introuvable', 'Ouvrir le calculateur'],
  ])('has a 404 page with a link home, in %s', async (language, heading, home) => {
    const { status, text, headers } = await get('/no/such/page', { ...browser, 'Accept-Language': language })
    expect(status).toBe(404)
    expect(headers['content-language']).toBe(language)
    expect(text).toContain(`<h1>${heading}</h1>`)
    expect(text).toContain(`<a href="/">${home}</a>`)
  })

  test.each<[string, string]>([
    ['*/*', 'text/html; charset=utf-8'],
    ['', 'text/html; charset=utf-8'],
    ['application/json', 'application/problem+json'],
    ['application/json, */*;q=0.5', 'application/problem+json'],
    ['application/problem+json, */*;q=0.5', 'application/problem+json'],
    ['text/event-stream', 'application/problem+json'],
  ])('has a 404 page unless something else is requested: %s', async (Accept, type) => {
    const { status, headers } = await get('/no/such/page', Accept ? { Accept } : {})
    expect(status).toBe(404)
    expect(headers).toMatchObject({ 'content-type': type, 'cache-control': 'no-store' })
    expect(headers.vary).toMatch(/\bAccept\b/)
  })

  test('has a page that says so if it was revoked or never issued', async () => {
    const { id, path } = await shared()
    await server.sessions.dispatch(id, { event: 'ShareRevokeRequested' })
    const gone = await get(path, browser)
    expect(gone.status).toBe(410)
    expect(gone.text).toContain('<h1>This result is no longer shared</h1>')
    const unknown = await get('/shared/%3Cscript%3Ealert(1)%3C%2Fscript%3E', browser)
    expect(unknown.status).toBe(404)
    expect(unknown.text).toContain('<h1>There is no result at this link</h1>')
    expect(unknown.text).not.toContain('alert')
    for (const { text } of [gone, unknown]) expect(text).toContain('<a href="/">Go to the calculator</a>')
    expect((await get(`${path}?format=csv`, browser)).text).toContain('<h1>This result is no longer shared</h1>')
    expect(JSON.parse((await get(`${path}?format=csv`, { Accept: '*/*' })).text).code).toBe('share_gone')
    for (const { headers } of [gone, unknown]) {
      expect(headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'referrer-policy': 'no-referrer',
        'x-robots-tag': 'noindex',
        'content-security-policy': expect.stringMatching(/^default-src 'none'/),
      })
    }
    expect(JSON.parse((await get(path, asJson)).text).code).toBe('share_gone')
  })
})

describe('HTML', () => {
  const hostile = `<img src=x onerror="alert('1')"> & \u2028`
  const escaped = '&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; \u2028'

  test('escapes values as text', () => {
    expect(html`<p title="${hostile}">${hostile}</p>`.text).toBe(`<p title="${escaped}">${escaped}</p>`)
    expect(html`${[hostile, 1, null, undefined]}`.text).toBe(`${escaped}1`)
  })

  test('inserts other HTML as HTML, but not an object that only looks like it', () => {
    expect(html`<b>${html`<i>${'<'}</i>`}</b>`.text).toBe('<b><i>&lt;</i></b>')
    expect(html`${[new Markup('<hr>'), '<hr>']}`.text).toBe('<hr>&lt;hr&gt;')
    const alike = { text: '<hr>', toString: () => '<hr>' } as unknown as string
    expect(html`${alike}`.text).toBe('&lt;hr&gt;')
  })
})
