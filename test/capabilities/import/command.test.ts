import { once } from 'node:events'
import { createServer, type OutgoingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inputs } from '../../support/inputs'
import { base } from '../../support/interfaces'
import { run } from '../../support/process'
import { client } from '../../support/rest'
import { serving } from '../../support/server'
import { madeKey } from '../../support/service-keys'
import { embeddedDatabase } from '../../support/stores'
import { until } from '../../support/until'
import { begun, hurried, importing, write } from './command'
import { bodyOf } from './importing'
import { RawImport } from './raw-import'

describe('benefit-sessions import', () => {
  const server = serving(embeddedDatabase)
  const rest = client(server)
  const sessions = async (query: string) =>
    JSON.parse((await rest.get(`${base}?${query}&view=full&limit=100`)).text) as {
      data: { external_id: string; organisation_id: string; result: { inputs: object } }[]
      pagination: { total: number }
    }

  test('starts a session for each line of NDJSON, once, however often the file is sent', async () => {
    write('rows.ndjson', bodyOf([1, 2, 3].map(n => ({ mentor_id: 'nd', external_id: `nd-${n}`, inputs }))))
    expect(await importing(['rows.ndjson', '--url', server.url])).toEqual({
      code: 0,
      sums: '3 created, 0 repeated, 0 refused',
      errors: [],
    })
    expect((await importing(['rows.ndjson', '--url', `${server.url}/`])).sums).toBe('0 created, 3 repeated, 0 refused')
    expect((await sessions('mentor_id=nd')).pagination.total).toBe(3)
  })

  test.each([',', ';', '\t'])(
    'reads CSV that is separated by %j, and names the line and member of a fault',
    async separator => {
      const id = `csv ${separator.charCodeAt(0)}`
      const rows = [
        [
          'external_id',
          'mentor_id',
          'sessions',
          'avg_minutes',
          'cost_per_session',
          'cost_per_hour',
          'period_from',
          'period_to',
          'cost_per_hour_low',
          'cost_per_hour_high',
          'note',
        ],
        [`${id}-1`, id, '25', '30', '3.50', '30', '2026-01-01', '2026-03-31', '20', '40', '"one\ntwo, ""three"""'],
        [`${id}-2`, id, 'many', '30', '3.5', '30', '', '', '', '', ''],
        ['', id, '', '', '', '', '', '', '', '', ''],
      ]
      // Spreadsheets end a file with rows of empty cells.
      const empty = separator.repeat(10)
      write('rows.csv', `\uFEFF${[...rows.map(row => row.join(separator)), empty, empty].join('\r\n')}\r\n\r\n`)
      expect(await importing(['rows.csv', '--url', server.url])).toEqual({
        code: 1,
        sums: '2 created, 0 repeated, 1 refused',
        errors: ['Line 4 is refused: /inputs/sessions must be a number.'],
      })
      const { data } = await sessions(`mentor_id=${encodeURIComponent(id)}&sort=total_hours`)
      expect(data.map(({ external_id, result }) => [external_id, result?.inputs])).toEqual([
        [
          `${id}-1`,
          {
            ...{ sessions: 25, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30 },
            period: { from: '2026-01-01', to: '2026-03-31' },
            note: 'one\ntwo, "three"',
            cost_per_hour_range: { low: 20, high: 40 },
          },
        ],
        [null, undefined],
      ])
    },
  )

  test('reads NDJSON with a byte order mark, CRLF, U+2028 and no line feed at the end, and names a line that is not JSON', async () => {
    const lines = ['one\u2028two', 'Größe'].map(label =>
      JSON.stringify({ mentor_id: 'text', inputs: { ...inputs, label } }),
    )
    write('text.ndjson', `\uFEFF${[lines[0], '', 'none', lines[1]].join('\r\n')}`)
    expect(await importing(['text.ndjson', '--url', server.url])).toEqual({
      code: 1,
      sums: '2 created, 0 repeated, 1 refused',
      errors: [expect.stringMatching(/^Line 3 is refused: The request has a line that is not JSON: .*\.$/)],
    })
    const { data } = await sessions('mentor_id=text&sort=label')
    expect(data.map(({ result }) => result.inputs)).toMatchObject([{ label: 'Größe' }, { label: 'one\u2028two' }])
  })

  test('escapes the control characters of a file before it prints them', async () => {
    write('escape.ndjson', bodyOf([{ mentor_id: 'm', '\x1b[2J\nLine 9': 1 }]))
    const { errors } = await importing(['escape.ndjson', '--url', server.url])
    expect(errors).toEqual(['Line 1 is refused: /\\u{1b}[2J\\u{a}Line 9 is not a known member.'])
  })

  test.each(['encoded.csv', 'encoded.ndjson'])('%s in another encoding than UTF-8 is refused', async name => {
    write(name, Buffer.from('mentor_id\nGröße\n', 'latin1'))
    expect(await importing([name, '--url', server.url])).toEqual({
      code: 1,
      sums: '',
      errors: [expect.stringMatching(/^encoded\..* is not in UTF-8\. Save it as UTF-8/)],
    })
  })

  test('reads CSV in UTF-16 with a byte order mark', async () => {
    write('utf16.csv', Buffer.from('\uFEFFmentor_id\texternal_id\r\nGröße\tu-1\r\n', 'utf16le'))
    expect((await importing(['utf16.csv', '--url', server.url])).sums).toBe('1 created, 0 repeated, 0 refused')
    expect((await sessions(`mentor_id=${encodeURIComponent('Größe')}`)).data).toMatchObject([{ external_id: 'u-1' }])
  })

  test('reads an export of the server: the same sessions, and formulas as they were', async () => {
    const row = { organisation_id: 'export', external_id: '=e', inputs: { ...inputs, label: '=1+1', note: '-2' } }
    write('first.ndjson', bodyOf([{ ...row, mentor_id: '@m' }]))
    await importing(['first.ndjson', '--url', server.url])
    const { text } = await rest.get(`${base}?organisation_id=export`, { Accept: 'text/csv' })
    expect(text).toContain("'=1+1")
    write('export.csv', text)
    expect((await importing(['export.csv', '--url', server.url])).sums).toBe('0 created, 1 repeated, 0 refused')
  })

  test('--dry-run stores nothing', async () => {
    write('dry.ndjson', bodyOf([{ mentor_id: 'dry', inputs }, { mentor_id: '' }]))
    const { code, sums } = await importing(['dry.ndjson', '--url', server.url, '--dry-run'])
    expect({ code, sums }).toEqual({ code: 1, sums: '1 created, 0 repeated, 1 refused' })
    expect((await sessions('mentor_id=dry')).pagination.total).toBe(0)
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends it with the counts and how to continue', async (signal, code) => {
    const rows = Array.from({ length: 3_000 }, (_, n) => ({ mentor_id: signal, external_id: `${signal} ${n}`, inputs }))
    write('stopped.ndjson', bodyOf(rows))
    const { child, outcome } = begun(['stopped.ndjson', '--url', server.url])
    const total = () => rest.total({ mentor_id: signal })
    await until(async () => (await total()) > 0, 30_000, 'a stored row')
    child.kill(signal)
    const { sums, errors, ...ended } = await outcome
    expect(ended).toEqual({ code })
    const [, created] = /^(\d+) created, 0 repeated, 0 refused$/.exec(sums) ?? []
    expect(errors).toEqual([
      expect.stringMatching(`^Interrupted after line ${created}\\. .* To continue, import the file again: `),
    ])
    expect((await importing(['stopped.ndjson', '--url', server.url])).code).toBe(0)
    expect(await total()).toBe(rows.length)
  })

  describe('while another import occupies the server', () => {
    const refusals = () => server.log.filter(({ status, msg }) => msg === 'request' && status === 503).length
    const busy = /^The server runs at most 4 imports at once, .* The command tries again for up to 6 minutes\.$/
    let other: RawImport
    let outcome: ReturnType<typeof importing>
    beforeEach(async () => {
      const before = refusals()
      other = await RawImport.begin(server)
      await other.send({ mentor_id: 'm' }).until(1)
      write('waits.ndjson', bodyOf([{ mentor_id: 'waits' }]))
      outcome = importing(['waits.ndjson', '--url', server.url], hurried)
      // More than four minutes for the command: longer than an import may take.
      await until(() => refusals() - before > 14, 30_000, 'the attempts')
    })

    test('waits for its end, and says so once', async () => {
      await other.end().whole()
      expect(await outcome).toEqual({
        code: 0,
        sums: '1 created, 0 repeated, 0 refused',
        errors: [expect.stringMatching(busy)],
      })
    })

    test('gives up after some minutes', async () => {
      const { code, errors } = await outcome
      expect(code).toBe(1)
      expect(errors).toEqual([
        expect.stringMatching(busy),
        expect.stringMatching(/Gave up after 6 minutes without progress\.$/),
      ])
      await other.end().whole()
    })
  })

  test.each([
    [['none.csv'], /none\.csv/],
    [[], /^Name one file to import\. Try --help\.$/],
    [['rows.txt'], /must end in \.ndjson or \.csv: rows\.txt/],
    [['rows.ndjson', '--url', 'localhost'], /--url must be the URL of a server.*It is localhost\./],
    [['rows.ndjson', '--no'], /^Unknown option '--no'\. Try --help\.$/],
    [['rows.ndjson', '--url', '\x1b[31m\x9b2J\u202e'], /It is \\u\{1b\}\[31m\\u\{9b\}2J\\u\{202e\}\.$/],
  ])('%j is refused with a sentence', async (args, sentence) => {
    expect(await importing(args)).toEqual({ code: 1, sums: '', errors: [expect.stringMatching(sentence)] })
  })

  test.each([
    ['mentor,sessions\n', /^Unknown column "mentor"\. Did you mean mentor_id\? Columns: mentor_id, /],
    ['mentor_id,sessions\na,1,2\n', /is not valid CSV: .*line 2\./],
    ['mentor_id,\x1b[31msessions\n', /^Unknown column "\\u\{1b\}\[31msessions"\./],
  ])('a CSV file %j is refused with a sentence', async (text, sentence) => {
    write('bad.csv', text)
    const { code, errors } = await importing(['bad.csv', '--url', server.url])
    expect({ code, errors }).toEqual({ code: 1, errors: [expect.stringMatching(sentence)] })
  })
})

test('a key is read from the environment, and a refusal of it is shown', async () => {
  const { key, entry } = madeKey({ role: 'coordinator' })
  write('keys.json', JSON.stringify([entry]))
  const server = run({ DATA_FILE: 'keys.db', AUTH_KEYS: 'keys.json' })
  await server.listening()
  write(
    'keyed.ndjson',
    bodyOf([
      { mentor_id: 'm', organisation_id: 'org_1' },
      { mentor_id: 'm', organisation_id: 'org_2' },
    ]),
  )
  const args = ['keyed.ndjson', '--url', server.url]
  const withKey = await importing(args, { BENEFIT_SESSIONS_TOKEN: key })
  expect(withKey).toMatchObject({ code: 1, sums: '1 created, 0 repeated, 1 refused' })
  const without = await importing(args)
  expect(without).toEqual({ code: 1, sums: '', errors: [expect.stringMatching(/token/)] })
})

describe('behind a proxy', () => {
  /** Runs an import of one row through a proxy that answers each request with the next of these, then as if it were stored. */
  async function behind(answers: [status: number, headers?: () => OutgoingHttpHeaders][], ...options: string[]) {
    const times: number[] = []
    const proxy = createServer((request, response) => {
      times.push(performance.now())
      const [status, headers] = answers[times.length - 1] ?? [200]
      const stored = '{"line":1,"status":"created"}\n{"done":true,"created":1,"repeated":0,"refused":0}\n'
      request.resume().once('end', () => response.writeHead(status, headers?.()).end(status === 200 ? stored : ''))
    })
    await once(proxy.listen(0, '127.0.0.1'), 'listening')
    write('behind.ndjson', bodyOf([{ mentor_id: 'm' }]))
    const { port } = proxy.address() as AddressInfo
    const outcome = await importing(['behind.ndjson', '--url', `http://127.0.0.1:${port}`, ...options])
    proxy.close()
    return { outcome, times }
  }

  test('a row without an external_id is not sent again after a 502, because the server may have stored it', async () => {
    const { outcome, times } = await behind([[502]])
    expect(outcome).toEqual({
      code: 1,
      sums: '',
      errors: [expect.stringContaining('Line 1 and the lines after it may or may not be stored.')],
    })
    expect(times).toHaveLength(1)
  })

  test('a dry run is repeated after a 502, because it stores nothing', async () => {
    const { outcome, times } = await behind([[502]], '--dry-run')
    expect(outcome).toMatchObject({ code: 0, sums: '1 created, 0 repeated, 0 refused' })
    expect(times).toHaveLength(2)
  })

  test('the next attempt waits until the date in Retry-After', async () => {
    const { outcome, times } = await behind([
      [503, () => ({ 'Retry-After': new Date(Date.now() + 4_000).toUTCString() })],
    ])
    expect(outcome).toMatchObject({ code: 0, sums: '1 created, 0 repeated, 0 refused' })
    const [first = 0, second = 0] = times
    expect(second - first).toBeGreaterThan(2_500)
  })
})
