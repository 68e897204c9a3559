import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { HttpImportClient } from '../../../src/capabilities/import/http-client'
import { Imports, RunningImports } from '../../../src/capabilities/import/imports'
import {
  importBytes,
  importLines,
  importsAtOnce,
  importsOfOrganisation,
  lineBytes,
  linesAtOnce,
  responseBytes,
} from '../../../src/capabilities/import/model'
import { waitsByPlace } from '../../../src/concurrency/waits'
import { DomainError } from '../../../src/domain/errors'
import { sentBy } from '../../support/access'
import { endingAccess } from '../../support/ending-access'
import { inputs, otherInputs } from '../../support/inputs'
import { intercepting } from '../../support/intercepting'
import { base } from '../../support/interfaces'
import { send } from '../../support/raw'
import { client, problem } from '../../support/rest'
import { type Reachable, serving, startServer } from '../../support/server'
import { keyFile, madeKey } from '../../support/service-keys'
import { quiet, sessionsOver } from '../../support/sessions'
import { embeddedDatabase, overStores, suiteDatabase } from '../../support/stores'
import { issuing, people } from '../../support/tokens'
import { until } from '../../support/until'
import { imported, ndjson, path } from './importing'
import { RawImport } from './raw-import'

const limitMs = 60_000
const ended = (code: string, detail: unknown = expect.any(String)) => ({ done: false, code, detail })
/** A line with this number of unknown members. */
const unknowns = (members: number) =>
  JSON.stringify(Object.fromEntries(Array.from({ length: members }, (_, i) => [`a${i}`, 1])))
/** A line whose outcome is almost ten times as long. */
const faulty = unknowns(40)
/** Number of these lines whose outcomes the server cannot buffer. */
const faultyLines = 4_000
const noLines = { done: true, created: 0, repeated: 0, refused: 0 }

describe('an import', () => {
  const server = serving(embeddedDatabase)
  const dry = (lines: string[]) => imported(server, lines, { query: '?dry_run=on' })
  const lineOf = (bytes: number) => {
    const line = JSON.stringify({ mentor_id: 'm', inputs })
    return line + ' '.repeat(bytes - line.length)
  }

  test(`of a line longer than ${lineBytes} bytes ends there, after the lines before it`, async () => {
    const { lines, last } = await dry([lineOf(lineBytes), lineOf(lineBytes + 1), lineOf(200)])
    expect(lines).toEqual([{ line: 1, status: 'created' }])
    expect(last).toEqual(ended('payload_too_large', 'Line 2 is longer than the maximum of 4096 bytes.'))
  })

  test(`of more than ${importLines} lines ends there, and empty lines count`, async () => {
    const empty = Array(importLines - 1).fill('')
    expect(await dry([...empty, lineOf(200)])).toEqual({
      lines: [{ line: importLines, status: 'created' }],
      last: { ...noLines, created: 1 },
    })
    const { lines, last } = await dry([lineOf(200), ...empty, lineOf(200)])
    expect(lines).toEqual([{ line: 1, status: 'created' }])
    expect(last).toEqual(ended('payload_too_large', expect.stringContaining(`more than ${importLines} lines`)))
  })

  test(`of more than ${importBytes} bytes ends there`, async () => {
    const blank = Array(importBytes / lineBytes - 1).fill(' '.repeat(lineBytes - 1))
    expect((await dry([...blank, lineOf(lineBytes - 1)])).last).toEqual({ ...noLines, created: 1 })
    expect((await dry([...blank, lineOf(lineBytes)])).last).toEqual(
      ended('payload_too_large', expect.stringContaining(`larger than the maximum of ${importBytes} bytes`)),
    )
  })

  test('names the first errors of a line and counts the others, so that no outcome is much longer than its line', async () => {
    const longest = ['~'.repeat(4_000), '\u0001'.repeat(600)].map(name => JSON.stringify({ [name]: 1 }))
    const lines = [unknowns(380), ...longest, JSON.stringify({ mentor_id: 'm', inputs: { ...inputs, sessions: -1 } })]
    const { lines: outcomes } = await dry(lines)
    const [many, one] = outcomes
    expect(many?.errors?.[0]).toEqual({ detail: 'is required', pointer: '/mentor_id' })
    expect(many?.errors?.at(-1)).toEqual({
      detail: `has ${382 - (many?.errors?.length ?? 0)} more errors`,
      pointer: '',
    })
    expect(many?.detail).toMatch(/; The request has \d+ more errors\.$/)
    expect(one?.errors).toHaveLength(2)
    expect(outcomes[3]?.errors).toEqual([{ detail: 'must be at least 0', pointer: '/inputs/sessions' }])
    for (const [n, outcome] of outcomes.entries())
      expect(JSON.stringify(outcome).length).toBeLessThan(3 * Math.max(2_000, lines[n]?.length ?? 0))
  })

  test('is read as it comes, and its outcomes are sent as soon as they are stored', async () => {
    const one = await RawImport.begin(server)
    await one.send({ mentor_id: 'm' }).until(1)
    await one.send('{', { mentor_id: 'm' }).until(3)
    one.sendText('{"mentor_id":').sendText('"m"').sendText('}')
    const { lines, last } = await one.end().whole()
    expect(lines.map(({ status }) => status)).toEqual(['created', 'refused', 'created', 'created'])
    expect(last).toEqual({ done: true, created: 3, repeated: 0, refused: 1 })
  })

  test.each(['X-Forwarded-For: 10.0.0.1', 'Via: 1.1 proxy', 'Forwarded: for=10.0.0.1'])(
    'with %s is read as it comes, but its response begins after the end of the body',
    async via => {
      const mentor_id = randomUUID()
      const one = await RawImport.begin(server, { via })
      one.send({ mentor_id }, { mentor_id })
      await until(async () => (await client(server).total({ mentor_id })) === 2, limitMs, 'the sessions')
      expect(one.client.text).toBe('')
      const { lines, last } = await one.send({ mentor_id }).end().whole()
      expect([lines.length, last]).toEqual([3, { ...noLines, created: 3 }])
    },
  )

  test('refuses another media type, an encoding, an idempotency key and an Accept without NDJSON', async () => {
    const refusal = async (headers: object, query = '') =>
      problem(await send(server.url, 'POST', path + query, { ...ndjson, ...headers }, '{}'))
    expect(await refusal({ 'Content-Type': 'application/json' })).toMatchObject({ code: 'unsupported_media_type' })
    const latin1 = { 'Content-Type': 'application/x-ndjson; charset=latin1' }
    expect(await refusal(latin1)).toMatchObject({ detail: 'Send the body as application/x-ndjson in UTF-8.' })
    expect(await refusal({ 'Content-Encoding': 'gzip' })).toMatchObject({ code: 'unsupported_media_type' })
    expect(await refusal({ 'Idempotency-Key': '"a"' })).toMatchObject({
      code: 'invalid_request',
      errors: [{ header: 'Idempotency-Key' }],
    })
    expect(await refusal({ Accept: 'application/json' })).toMatchObject({ code: 'not_acceptable' })
    expect(await refusal({}, '?dry_run=off')).toMatchObject({ code: 'invalid_query' })
    const accepted = { ...ndjson, Accept: 'application/json;q=0.5, application/*' }
    expect((await send(server.url, 'POST', path, accepted, '')).status).toBe(200)
  })

  test('without sign-in is the only one of its address, and other addresses can still import', async () => {
    const first = await RawImport.begin(server)
    await first.send({ mentor_id: 'm' }).until(1)
    const answer = await send(server.url, 'POST', path, ndjson, '{}\n')
    expect(problem(answer)).toMatchObject({
      status: 503,
      code: 'unavailable',
      detail:
        'The server runs at most 4 imports at once, 2 per organisation and 1 per client. Try again when another import has ended.',
    })
    expect(answer.headers['retry-after']).toMatch(/^\d+$/)
    const other = await RawImport.begin(server, { from: '127.0.0.2' })
    expect((await other.end().whole()).last).toEqual(noLines)
    expect((await first.end().whole()).last).toEqual({ ...noLines, created: 1 })
    expect((await imported(server, [])).last).toEqual(noLines)
  })

  test('whose client reads nothing waits for it, with a bound on what it keeps, and holds up nobody', async () => {
    const slow = await RawImport.begin(server)
    slow.client.socket.pause()
    const lines = faultyLines
    slow.send(...Array(lines).fill(faulty)).end()
    await until(() => waitsByPlace().slow_reader === 1, limitMs, 'a full response')
    expect((await client(server).get(base)).status).toBe(200)
    slow.client.socket.resume()
    const { lines: outcomes, last } = await slow.whole()
    expect(JSON.stringify(outcomes).length).toBeGreaterThan(3 * responseBytes)
    expect([outcomes.length, last]).toEqual([lines, { ...noLines, refused: lines }])
    expect(waitsByPlace().slow_reader).toBe(0)
  })

  test('counts until its client has read the response, so that unread responses cannot add up', async () => {
    const slow = await RawImport.begin(server)
    slow.client.socket.pause()
    // Less than the server buffers.
    slow.send(...Array(faultyLines / 2).fill(faulty)).end()
    await until(() => waitsByPlace().slow_reader === 1, limitMs, 'an unread response')
    expect(problem(await send(server.url, 'POST', path, ndjson, '{}\n'))).toMatchObject({ code: 'unavailable' })
    slow.client.socket.resume()
    const { last } = await slow.whole()
    expect(last).toEqual({ ...noLines, refused: faultyLines / 2 })
    expect((await imported(server, [])).last).toEqual(noLines)
  })

  test('of the maximum size needs no client that reads before it has sent everything', async () => {
    const all = await RawImport.begin(server, { query: '?dry_run=on' })
    const { socket } = all.client
    socket.pause()
    const line = (n: number) => ({ mentor_id: '', external_id: `external id ${n}`, inputs })
    all.send(...Array.from({ length: importLines }, (_, n) => line(n))).end()
    await until(() => socket.writableLength === 0, limitMs, 'the end of the body')
    socket.resume()
    expect((await all.whole()).last).toEqual({ ...noLines, refused: importLines })
  })
})

describe('an import whose client', () => {
  const database = suiteDatabase(embeddedDatabase)
  const hour = 3_600_000
  let http: Server | undefined
  afterEach(() => http?.close())

  /** Serves imports with these time limits. */
  async function limited(limits: { importMs: number; lineWaitMs: number }): Promise<Reachable> {
    const imports = new Imports(sessionsOver(database.store), new RunningImports(quiet))
    http = createServer((request, response) => {
      const client = new HttpImportClient(request, response, limits)
      imports.run(client, true).catch(() => response.writeHead(503).end())
    })
    await once(http.listen(0, '127.0.0.1'), 'listening')
    return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` }
  }

  const isFree = async (server: Reachable) => (await send(server.url, 'POST', path, ndjson, '')).status === 200

  test.each(['', ' ', '\n', '\r\n'])('sends only %j again and again ends, and the next one may begin', async drip => {
    const server = await limited({ importMs: hour, lineWaitMs: 300 })
    const slow = await RawImport.begin(server)
    await slow.send({ mentor_id: 'm' }).until(1)
    slow.sendText('{"mentor_id"')
    const dripping = setInterval(() => drip && slow.sendText(drip), 20)
    const { lines, last } = await slow.whole()
    clearInterval(dripping)
    expect(lines[0]).toEqual({ line: 1, status: 'created' })
    expect(last).toEqual(ended('unavailable', expect.stringContaining('no complete line for 0.3 seconds')))
    expect(await isFree(server)).toBe(true)
  })

  test('must wait for the server loses none of its own time by that', async () => {
    const server = await limited({ importMs: hour, lineWaitMs: 300 })
    const slow = await RawImport.begin(server)
    slow.client.socket.pause()
    slow.send(...Array(faultyLines).fill(faulty))
    await until(() => waitsByPlace().slow_reader === 1, limitMs, 'a full response')
    const full = performance.now()
    await until(() => performance.now() > full + 600, limitMs, 'more than that time')
    slow.client.socket.resume()
    expect((await slow.end().whole()).last).toEqual({ ...noLines, refused: faultyLines })
  })

  test.each([
    ['sends a little now and then', false],
    ['reads nothing', true],
  ])('%s is cut off at the time limit, and the next one may begin', async (_, isUnread) => {
    const server = await limited({ importMs: 500, lineWaitMs: hour })
    const slow = await RawImport.begin(server)
    const closed = new Promise(resolve => slow.client.socket.once('close', resolve))
    const sending = setInterval(() => isUnread || slow.sendText(' '), 20)
    if (isUnread)
      slow
        .send(...Array(faultyLines).fill(faulty))
        .end()
        .client.socket.pause()
    await until(() => isFree(server), limitMs, 'a free place')
    clearInterval(sending)
    slow.client.socket.resume()
    await closed
    expect(slow.client.text).not.toContain('"done"')
  })
})

describe('an import with a quota', () => {
  const server = serving(embeddedDatabase, { config: { SESSIONS_PER_MENTOR: 3 } })

  test('has it for each line, in a dry run, too', async () => {
    const mentor_id = randomUUID()
    const file = [
      ...Array.from({ length: 5 }, (_, n) => ({ mentor_id, external_id: `${mentor_id} ${n}` })),
      { mentor_id: `${mentor_id} other` },
    ]
    const codes = async (query: string) => (await imported(server, file, { query })).lines.map(({ code }) => code)
    const expected = [undefined, undefined, undefined, 'limit_reached', 'limit_reached', undefined]
    expect(await codes('?dry_run=on')).toEqual(expected)
    expect(await codes('')).toEqual(expected)
    // Those that are repeated need no room.
    expect(await codes('?dry_run=on')).toEqual(expected)
  })
})

overStores(({ newDatabase }) => {
  const server = serving(newDatabase, { config: { SESSIONS_PER_MENTOR: 3 } })

  test('a dry run has the outcomes of the import, in an order that only the lines decide', async () => {
    const line = fc.record({
      mentor_id: fc.constantFrom('a', 'b', ''),
      organisation_id: fc.constantFrom(null, 'org'),
      external_id: fc.constantFrom(null, 'x', 'y', 'z'),
      inputs: fc.constantFrom(null, inputs, otherInputs, { ...inputs, sessions: -1 }),
    })
    const file = fc.array(line, { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(file, file, async (stored, lines) => {
        const run = randomUUID()
        const named = (ids: typeof stored) =>
          ids.map(({ mentor_id, external_id, organisation_id, ...rest }) => ({
            mentor_id: mentor_id && `${mentor_id} ${run}`,
            ...(external_id && { external_id: `${external_id} ${run}` }),
            ...(organisation_id && { organisation_id }),
            ...(rest.inputs && { inputs: rest.inputs }),
          }))
        const outcomes = async (from: typeof stored, query = '') =>
          (await imported(server, named(from), { query })).lines.map(({ status, code }) => code ?? status)
        await outcomes(stored)
        const dry = await outcomes(lines, '?dry_run=on')
        expect(await outcomes(lines)).toEqual(dry)
      }),
      { numRuns: 150 },
    )
  })
})

describe('an import of a caller whose access ends', () => {
  const { server, rest, gate, endings } = endingAccess({ newDatabase: embeddedDatabase })
  afterEach(gate.open)

  test.each(Object.entries(endings))('%s ends its import like a limit', async (_, begin) => {
    const { bearer, end } = await begin()
    const mentor_id = randomUUID()
    const one = await RawImport.begin(server, { bearer })
    await one.send({ mentor_id, inputs }).until(1)
    await end()
    const { lines, last } = await one.whole()
    expect(lines).toMatchObject([{ status: 'created' }])
    expect(last).toEqual(ended('unauthenticated'))
    expect(await rest.total({ mentor_id })).toBe(1)
  })

  test('a key that is revoked while lines wait for the store ends the import, and those are not stored', async () => {
    const { bearer, end } = await endings['a service key that is revoked']()
    const mentor_id = randomUUID()
    const one = await RawImport.begin(server, { bearer })
    await one.send({ mentor_id }).until(1)
    gate.close()
    one.send({ mentor_id }, { mentor_id, external_id: mentor_id }).end()
    await end()
    const { lines, last } = await one.whole()
    gate.open()
    expect([lines.length, last]).toEqual([1, ended('unauthenticated')])
    expect(await rest.total({ mentor_id })).toBe(1)
  })
})

describe('an import with sign-in', () => {
  const issuer = issuing()
  const server = serving(embeddedDatabase, { config: issuer.config })

  test('is admitted within the clock skew after the end of its token, like a single start', async () => {
    const bearer = (seconds: number) => issuer.bearer({ ...people.admin, exp: Date.now() / 1_000 - seconds })
    const { last } = await imported(server, [{ mentor_id: 'm', inputs }], { headers: { Authorization: bearer(5) } })
    expect(last).toEqual({ ...noLines, created: 1 })
    const late = await send(server.url, 'POST', path, { ...ndjson, Authorization: bearer(60) }, '')
    expect(problem(late)).toMatchObject({ status: 401, code: 'unauthenticated' })
  })
})

overStores(({ newDatabase }) => {
  const keys = Array.from({ length: importsAtOnce + 1 }, (_, n) =>
    madeKey({ name: `importer ${n}`, role: 'admin', organisation_id: null }),
  )
  const [admin] = keys as [(typeof keys)[number]]
  const members = ['org_1', 'org_1', 'org_1', 'org_2'].map((organisation_id, n) =>
    madeKey({ name: `member ${n}`, role: 'coordinator', organisation_id }),
  )
  let opening = Promise.withResolvers<void>()
  let adding = 0
  const server = serving(newDatabase, {
    config: keyFile(...keys, ...members).config,
    store: opened =>
      intercepting(opened, {
        sessions: {
          async add(write) {
            if (write.session.mentor_id === 'unreachable') throw new DomainError('unavailable')
            if (write.session.mentor_id === 'broken') throw new Error('broken')
            adding++
            await opening.promise
            return opened.sessions.add(write)
          },
        },
      }),
  })
  beforeEach(() => opening.resolve())
  const rest = client(server, sentBy(admin.bearer))
  const importedBy = (of: Reachable, lines: object[]) =>
    imported(of, lines, { headers: { Authorization: admin.bearer } })

  const statusOf = async ({ bearer }: { bearer: string }) =>
    (await send(server.url, 'POST', path, { ...ndjson, Authorization: bearer }, '')).status

  test(`${importsOfOrganisation} imports of one organisation run at once, and others can still import`, async () => {
    const begun = await Promise.all(
      members.slice(0, importsOfOrganisation).map(({ bearer }) => RawImport.begin(server, { bearer })),
    )
    await Promise.all(begun.map(one => one.send({ mentor_id: 'm' }).until(1)))
    const statuses = () => Promise.all([...members.slice(importsOfOrganisation), admin].map(statusOf))
    expect(await statuses()).toEqual([503, 200, 200])
    await begun[0]?.end().whole()
    expect(await statuses()).toEqual([200, 200, 200])
    await begun[1]?.end().whole()
  })

  test(`${importsAtOnce} imports run at once, 1 of one principal`, async () => {
    const begun = await Promise.all(
      keys.slice(0, importsAtOnce).map(({ bearer }) => RawImport.begin(server, { bearer })),
    )
    await Promise.all(begun.map(one => one.send({ mentor_id: 'm' }).until(1)))
    expect(await Promise.all(keys.map(statusOf))).toEqual(keys.map(() => 503))
    await begun[0]?.end().whole()
    expect(await statusOf(keys.at(-1) as typeof admin)).toBe(200)
    await Promise.all(begun.slice(1).map(one => one.end().whole()))
    expect(await Promise.all(keys.slice(0, importsAtOnce).map(statusOf))).toEqual(Array(importsAtOnce).fill(200))
  })

  test('a client that goes away ends its import after the lines under way, and other writers go on', async () => {
    const mentor_id = randomUUID()
    opening = Promise.withResolvers()
    adding = 0
    const one = await RawImport.begin(server, { bearer: admin.bearer })
    one.send(...Array(2 * linesAtOnce).fill({ mentor_id })).end()
    await until(() => adding === linesAtOnce, limitMs, 'the lines under way')
    const aborted = () => server.log.filter(({ msg, aborted }) => msg === 'request' && aborted).length
    const before = aborted()
    one.client.socket.destroy()
    // Until then, the server takes more lines.
    await until(() => aborted() > before, limitMs, 'the server to notice')
    opening.resolve()
    // The slot is free again once those lines have ended.
    await until(async () => (await statusOf(admin)) === 200, limitMs, 'a free slot')
    expect(adding).toBe(linesAtOnce)
    expect(await rest.total({ mentor_id })).toBeLessThanOrEqual(linesAtOnce)
  })

  test('a store that cannot be reached ends an import, so that the client sends it again', async () => {
    const { lines, last } = await importedBy(server, [{ mentor_id: 'm' }, { mentor_id: 'unreachable' }])
    expect(lines).toMatchObject([{ status: 'created' }])
    expect(last).toEqual(ended('unavailable'))
    const broken = await importedBy(server, [{ mentor_id: 'broken' }])
    expect(broken).toEqual({ lines: [], last: ended('internal') })
    expect(JSON.stringify(broken)).not.toContain('broken')
  })
})

test('a server that stops ends its imports', async () => {
  const database = await embeddedDatabase()
  const server = await startServer(database)
  const one = await RawImport.begin(server)
  await one.send({ mentor_id: 'm' }).until(1)
  const stopped = server.stop()
  expect((await one.whole()).last).toEqual(ended('unavailable', 'The server is stopping. Send the import again.'))
  await stopped
  await database.drop()
})

test('a calculator that fails leaves a session without a result', async () => {
  const database = await embeddedDatabase()
  const server = await startServer(database, {
    calculator() {
      throw new Error('no calculation today')
    },
  })
  const { lines } = await imported(server, [{ mentor_id: 'm', inputs }])
  expect(lines).toEqual([{ line: 1, status: 'created', session_id: lines[0]?.session_id }])
  await server.stop()
  await database.drop()
})
