import type { Store } from '../../src/db/store'
import type { Command } from '../../src/domain/session'
import { calculate } from '../../src/domain/time-value'
import { recordsOf, rowsOf } from '../support/csv'
import { sendEncoded } from '../support/encoded'
import { inputs } from '../support/inputs'
import { intercepting } from '../support/intercepting'
import { base } from '../support/interfaces'
import { multiply } from '../support/many'
import { client, json, problem } from '../support/rest'
import { serving } from '../support/server'
import { noon, secondsAfter, stored } from '../support/sessions'
import { overStores } from '../support/stores'

const names = [
  'session_id,mentor_id,organisation_id,state,last_event,result_id,created_at,updated_at,version',
  'label,currency,period_from,period_to,sessions,avg_minutes,cost_per_session,cost_per_hour',
  'total_minutes,total_hours,programme_cost,time_value,net_benefit,benefit_cost_ratio,roi_percent',
  'cost_per_hour_delivered,value_per_session,net_per_session,break_even_minutes,computed_at',
  'value_source,note,cost_per_hour_low,cost_per_hour_high,external_id',
].join(',')

/** Ids that a spreadsheet would run as formulas, each with its escaped form if that differs. */
const odd: [string, string?][] = [
  ["=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(1)', "'@SUM(1)"],
  ['\t=1', "'\t'=1"],
  ['\r=1', "'\r'=1"],
  ['="a","b"', `'="a","b"`],
  ['a,b'],
  ['says "no"'],
  ['"'],
  [' a '],
  ["'"],
  ['two\r\nlines'],
  ['שלום, עולם'],
  ['Zoë ☕ 𝒳 漢字'],
  ['1=1'],
  [''],
]

const csv = { Accept: 'text/csv' }
const calculated = (more: object): Command => ({ event: 'CalculateRequested', payload: { ...inputs, ...more } })

overStores(({ newDatabase }) => {
  let read = 0
  const server = serving(newDatabase, {
    clock: () => new Date(noon),
    store: opened =>
      intercepting<Store>(opened, {
        export(...asked) {
          read++
          return opened.export(...asked)
        },
      }),
  })
  const { call, get } = client(server)
  const file = async (query: string, headers = {}): Promise<string> => {
    const { status, text } = await get(`${base}?${query}`, headers)
    expect(status).toBe(200)
    return text
  }

  beforeAll(async () => {
    const { store } = server
    const stated = {
      label: '=1+1, or 2',
      currency: 'GBP',
      period: { from: '2026-01-05', to: '2026-03-31' },
      value_source: '@source',
      note: '=1\n=2; "quoted"',
      cost_per_hour_range: { low: 0.0001, high: 40 },
    }
    const who = { mentor_id: 'm1', organisation_id: 'o1' }
    await stored(store, { ...who, session_id: 'stated' }, [calculated(stated)], secondsAfter(noon, 3))
    await stored(store, { ...who, session_id: 'none' }, [calculated({ sessions: 0 })], secondsAfter(noon, 2))
    const loss = { avg_minutes: 0.25, cost_per_session: 0.0001, cost_per_hour: 0, sessions: 1_000_000 }
    await stored(store, { session_id: 'loss', mentor_id: 'm1' }, [calculated(loss)], secondsAfter(noon, 1))
    await stored(store, { ...who, session_id: 'initial', mentor_id: 'm2' })
    // Many sessions of the same mentor come before the one in the other organisation.
    const many = await stored(store, { mentor_id: 'both', organisation_id: 'many' }, [], secondsAfter(noon, 1))
    await multiply(store, many, 500)
    await stored(store, { session_id: 'one of both', mentor_id: 'both', organisation_id: 'one' })
    for (const [i, [id]] of odd.entries()) {
      await stored(
        store,
        { session_id: `${id} ${i}`, mentor_id: id, organisation_id: 'odd' },
        [],
        secondsAfter(noon, -i),
      )
    }
  })

  test('a file has a byte order mark, a header row and a row per session, to the byte', async () => {
    const text = await file('organisation_id=o1&mentor_id=m1&format=csv')
    const results = text.match(/calc_[\w-]+/g)
    expect(text).toBe(
      [
        `\uFEFF${names}`,
        `stated,m1,o1,loaded,CalculateRequested,${results?.[0]},2026-03-26T12:00:03Z,2026-03-26T12:00:03Z,3,"'=1+1, or 2",GBP,2026-01-05,2026-03-31,25,30,3.5,30,750,12.5,87.5,375,287.5,4.29,328.57,7,15,11.5,7,2026-03-26T12:00:03Z,'@source,"'=1\n'=2; ""quoted""",0.0001,40,`,
        `none,m1,o1,loaded,CalculateRequested,${results?.[1]},2026-03-26T12:00:02Z,2026-03-26T12:00:02Z,3,,,,,0,30,3.5,30,0,0,0,0,0,,,,,,7,2026-03-26T12:00:02Z,,,,,`,
        '',
      ].join('\r\n'),
    )
  })

  test('a session without a result has empty fields, and numbers have a decimal point, even negative ones', async () => {
    const [loss, initial] = rowsOf(await file('state=initial', csv))
      .concat(rowsOf(await file('mentor_id=m1', csv)))
      .filter(({ session_id }) => session_id === 'loss' || session_id === 'initial')
      .reverse()
    const { undefined_because: _, ...outputs } = calculate({
      avg_minutes: 0.25,
      cost_per_session: 0.0001,
      cost_per_hour: 0,
      sessions: 1_000_000,
    })
    for (const [name, value] of Object.entries(outputs)) expect(loss?.[name]).toBe(value === null ? '' : String(value))
    expect(loss).toMatchObject({ cost_per_session: '0.0001', net_benefit: '-100', organisation_id: '' })
    expect(Object.values(initial ?? {}).filter(Boolean)).toHaveLength(7)
  })

  test('hostile ids are read back as text, never as a formula', async () => {
    const rows = rowsOf(await file('organisation_id=odd', csv))
    expect(rows.map(({ mentor_id }) => mentor_id)).toEqual(odd.map(([id, shown = id]) => shown))
    for (const row of rows) expect(Object.values(row).filter(value => /^[=+\-@\t\r]/.test(value))).toEqual([])
  })

  test.each([
    ['state=loaded', ['stated', 'none', 'loss']],
    ['mentor_id=m1', ['stated', 'none', 'loss']],
    ['organisation_id=o1', ['stated', 'none', 'initial']],
    ['organisation_id=o1&state=initial', ['initial']],
    ['mentor_id=m1&organisation_id=o1', ['stated', 'none']],
    ['mentor_id=m1&state=loaded', ['stated', 'none', 'loss']],
    ['mentor_id=m2&organisation_id=o1&state=initial', ['initial']],
    ['mentor_id=m2&organisation_id=odd', []],
    ['mentor_id=both&organisation_id=one', ['one of both']],
    ['mentor_id=nobody', []],
    ['state=error', []],
    ['state=closed', []],
    ['state=loading', []],
    ['mentor_id=m1&page=7&limit=1', ['stated', 'none', 'loss']],
  ])('the filter applies, newest first, and the page does not: %s', async (query, expected) => {
    const text = await file(query, csv)
    expect(rowsOf(text).map(({ session_id }) => session_id)).toEqual(expected)
    expect(recordsOf(text.slice(1))[0]?.join(',')).toBe(names)
    expect(await file(`${query}&format=csv`)).toBe(text)
    const filter = query.replace(/&page=.*/, '')
    expect((await get(`${base}.csv?${filter}`)).text).toBe(text)
  })

  test('the headers state the type and forbid caching, under both spellings of the path', async () => {
    for (const [path, vary] of [
      [`${base}?format=csv`, 'Accept, Accept-Encoding'],
      [`${base}${base}?format=csv`, 'Accept, Accept-Encoding'],
      [`${base}.csv`, 'Accept-Encoding'],
      [`${base}${base}.csv`, 'Accept-Encoding'],
    ]) {
      const { headers } = await get(String(path))
      expect(headers).toMatchObject({
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': 'attachment; filename="calculations-as-of-2026-03-26.csv"',
        'cache-control': 'no-store',
        vary,
        'transfer-encoding': 'chunked',
      })
    }
    expect((await get(base)).headers.vary).toBe('Accept, Accept-Encoding')
  })

  test.each([
    ['org_42', 'org_42-'],
    ['Nord / "Süd"; x; filename*=a', 'Nord-S-d-x-filename-a-'],
    ['漢字 ☕', ''],
    ['../'.repeat(30) + 'y'.repeat(100), `${'y'.repeat(60)}-`],
  ])('the name of the file has the organisation that it is of, in safe characters: %j', async (organisation, part) => {
    const { headers } = await get(`${base}?${new URLSearchParams({ organisation_id: organisation, format: 'csv' })}`)
    expect(headers['content-disposition']).toBe(`attachment; filename="calculations-${part}as-of-2026-03-26.csv"`)
  })

  test.each([
    [{ from: '2026-01', to: '2026-03' }, '2026-01-to-2026-03-'],
    [{ from: '2026-01', to: '2026-01' }, '2026-01-'],
    [{ from: '2026-01' }, '2026-01-'],
    [{ to: '2026-03', mentor_id: 'Ann B', organisation_id: 'org_42' }, 'org_42-Ann-B-to-2026-03-'],
  ])('the name of the file has its mentor and its months: %j', async (query, part) => {
    const { headers } = await get(`${base}?${new URLSearchParams({ ...query, format: 'csv' })}`)
    expect(headers['content-disposition']).toBe(`attachment; filename="calculations-${part}as-of-2026-03-26.csv"`)
  })

  test.each(['gzip', 'br'])('a client that accepts %s gets the same file compressed', async encoding => {
    for (const query of ['format=csv', 'format=csv&mentor_id=nobody']) {
      const accepting = { 'Accept-Encoding': encoding }
      const packed = await sendEncoded(server.url, 'GET', `${base}?${query}`, accepting)
      expect(packed.headers).toMatchObject({ 'content-encoding': encoding, 'transfer-encoding': 'chunked' })
      expect(packed.text).toBe(await file(query))
      const { 'transfer-encoding': _, ...expected } = packed.headers
      const { headers } = await call('HEAD', `${base}?${query}`, accepting)
      expect({ ...headers, date: '', 'x-request-id': '' }).toEqual({ ...expected, date: '', 'x-request-id': '' })
    }
  })

  test('HEAD has the headers of GET and no body, and reads nothing from the store', async () => {
    const { headers } = await get(`${base}?format=csv`, { 'X-Request-Id': 'same' })
    read = 0
    const head = await call('HEAD', base, { ...csv, 'X-Request-Id': 'same' })
    const { 'transfer-encoding': _, ...expected } = headers
    expect(head).toEqual({ status: 200, text: '', headers: { ...expected, date: head.headers.date } })
    expect(read).toBe(0)
    expect(problem(await get(`${base}?state=none`, csv)).status).toBe(400)
    expect((await call('HEAD', `${base}?state=none`, csv)).status).toBe(400)
  })

  test.each([
    ['text/csv', 'text/csv'],
    ['text/csv;q=0.1', 'text/csv'],
    ['application/json;q=0.5, text/csv', 'text/csv'],
    ['text/html, text/*;q=0.9', 'text/csv'],
    ['application/json, text/csv', 'application/json'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'application/json'],
    ['*/*', 'application/json'],
  ])('a client that accepts %s gets the list as %s', async (Accept, type) => {
    expect((await get(base, { Accept })).headers['content-type']).toBe(`${type}; charset=utf-8`)
  })

  test('a file that is not accepted is 406, and so is CSV for anything but the list', async () => {
    for (const [path, Accept] of [
      [base, 'text/html'],
      [`${base}?format=csv`, 'application/json'],
      [`${base}?format=csv`, 'text/csv;q=0'],
      [`${base}.csv`, 'application/json'],
      [`${base}/stated`, 'text/csv'],
      [`${base}/stated/results`, 'text/csv'],
    ]) {
      expect(problem(await get(path as string, { Accept })).code).toBe('not_acceptable')
    }
    const started = await call('POST', base, { ...json, ...csv }, '{"mentor_id":"m"}')
    expect(problem(started).code).toBe('not_acceptable')
  })

  test.each([
    ['format=xml', 'format', 'must be csv'],
    ['format=json', 'format', 'must be csv'],
    ['format=CSV', 'format', 'must be csv'],
    ['format=', 'format', 'must be csv'],
    ['format=csv&format=csv', 'format', 'must appear only once'],
    ['format=csv&page=0', 'page', 'must be at least 1'],
    ['format=csv&limit=101', 'limit', 'must be at most 100'],
    ['format=csv&state=sleeping', 'state', 'must be one of initial, loading, loaded, error, closed'],
    ['format=csv&mentor_id=', 'mentor_id', 'must have 1 to 200 characters'],
  ])('the query %s is refused, with the parameter named: %s %s', async (query, parameter, detail) => {
    for (const headers of [{}, csv]) {
      const answer = await get(`${base}?${query}`, headers)
      expect(problem(answer)).toMatchObject({ status: 400, code: 'invalid_query', errors: [{ detail, parameter }] })
      expect(answer.headers).not.toHaveProperty('content-disposition')
    }
  })
})
