import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { base } from '../support/interfaces'
import { sendRaw } from '../support/raw'
import { client, json, problem } from '../support/rest'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase)
const { call, get, post, put, ...make } = client(server)
const who = '{"mentor_id":"mentor"}'
const limit = 16 * 1024

/** Returns a start request of exactly this many bytes. */
const padded = (bytes: number): string => who + ' '.repeat(bytes - who.length)

describe('the media type', () => {
  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset="UTF-8"',
    'application/json;charset=utf8',
  ])('%s is accepted', async type => expect((await post(base, who, { 'Content-Type': type })).status).toBe(201))

  test.each([
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    'application/json; charset=iso-8859-1',
    'application/json; charset=utf-16',
    undefined,
  ])('%s is 415, and the response names the accepted types', async type => {
    const headers = type === undefined ? {} : { 'Content-Type': type }
    for (const answer of [await post(base, who, headers), await put(`${base}/x`, who, headers)]) {
      expect(problem(answer)).toMatchObject({ status: 415, code: 'unsupported_media_type' })
      expect(answer.headers['accept-post'] ?? answer.headers.accept).toBe('application/json')
    }
  })

  test.each([
    ['gzip', gzipSync(who)],
    ['deflate', deflateSync(who)],
    ['br', brotliCompressSync(who)],
  ])('a body that is %s is accepted', async (encoding, body) => {
    expect((await post(base, body, { ...json, 'Content-Encoding': encoding })).status).toBe(201)
  })

  test('an unknown encoding is 415, and the response names the accepted encodings', async () => {
    const answer = await post(base, who, { ...json, 'Content-Encoding': 'compress' })
    expect(problem(answer)).toMatchObject({ status: 415, code: 'unsupported_media_type' })
    expect(answer.headers['accept-encoding']).toBe('gzip, deflate, br')
  })

  test('a body that does not match its encoding is 400', async () => {
    const answer = await post(base, 'not gzip', { ...json, 'Content-Encoding': 'gzip' })
    expect(problem(answer)).toMatchObject({ status: 400, code: 'invalid_request' })
  })
})

describe('the size', () => {
  test('of 16 KiB is accepted, and one byte more is 413, with or without Content-Length', async () => {
    expect((await post(base, padded(limit))).status).toBe(201)
    for (const headers of [json, { ...json, 'Transfer-Encoding': 'chunked' }]) {
      expect(problem(await post(base, padded(limit + 1), headers))).toMatchObject({
        status: 413,
        code: 'payload_too_large',
        limit,
      })
    }
  })

  test('counts the decompressed bytes of a compressed body', async () => {
    const bomb = gzipSync(padded(10 * 1024 * 1024))
    expect(bomb.length).toBeLessThan(limit)
    expect(problem(await post(base, bomb, { ...json, 'Content-Encoding': 'gzip' }))).toMatchObject({
      status: 413,
      limit,
    })
  })

  test('with an invalid Content-Length is 400', async () => {
    const path = new URL(server.url).host
    const said = `POST ${base} HTTP/1.1\r\nHost: ${path}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: x\r\n\r\n`
    expect(await sendRaw(server.url, said)).toMatch(/^HTTP\/1\.1 400 /)
  })
})

describe('the JSON', () => {
  test.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['a word', 'hello'],
    ['an open object', '{"mentor_id":"m"'],
    ['single quotes', "{'mentor_id':'m'}"],
    ['a trailing comma', '{"mentor_id":"m",}'],
    ['a byte-order mark', '\ufeff{"mentor_id":"m"}'],
    ['NaN', '{"mentor_id":NaN}'],
    ['bytes that are not UTF-8', Buffer.from('{"mentor_id":"\xff"}', 'latin1')],
    ['an overlong encoding', Buffer.from([0x7b, 0xc0, 0xaf, 0x7d])],
  ])('%s is invalid_json', async (_, body) => {
    const said = problem(await post(base, body))
    expect(said).toMatchObject({ status: 400, code: 'invalid_json', errors: [{ pointer: '' }] })
  })

  test.each(['null', '5', '"text"', '[]', 'true', '[{"mentor_id":"m"}]'])(
    '%s is not an object: 422 with the pointer ""',
    async body => {
      for (const answer of [
        await post(base, body),
        await put(await make.started(), body),
        await post('/api/v1/benefit-calculations', body),
      ]) {
        expect(problem(answer)).toMatchObject({
          status: 422,
          code: 'validation_failed',
          errors: [{ detail: 'must be an object', pointer: '' }],
        })
      }
    },
  )

  test('with a duplicate member counts the last one', async () => {
    const { text } = await post(base, '{"mentor_id":"first","mentor_id":"last"}')
    expect(JSON.parse(text).mentor_id).toBe('last')
  })

  test.each([
    ['2.50000000000000000001', false],
    ['2.4999999999999999999', false],
    ['1e-400', false],
    ['1e400', false],
    ['-1e400', false],
    ['1e-9999999999999999999', false],
    [`2.5${'0'.repeat(5_000)}1`, false],
    ['2.5', true],
    ['25e-1', true],
    ['0.25E+1', true],
    [`2.5${'0'.repeat(5_000)}`, true],
    ['0e999999', true],
  ])('a number is read exactly from its text, and refused if that is impossible: %s', async (minutes, taken) => {
    const inputs = (avg_minutes: string) =>
      `{"sessions":1,"avg_minutes":${avg_minutes},"cost_per_session":1,"cost_per_hour":1}`
    const command = (payload: string) => `{"event":"CalculateRequested","payload":${payload}}`
    const path = await make.started()
    const plain = await post('/api/v1/benefit-calculations', inputs(minutes))
    const answer = await put(path, command(inputs(minutes)))
    if (taken) {
      expect([plain.status, answer.status]).toEqual([200, 200])
    } else {
      const detail = 'has too many digits to be read exactly'
      expect(problem(plain)).toMatchObject({ code: 'validation_failed', errors: [{ detail, pointer: '/avg_minutes' }] })
      expect(problem(answer)).toMatchObject({
        code: 'validation_failed',
        errors: [{ pointer: '/payload/avg_minutes' }],
      })
    }
  })

  test('a string that looks like such a number is kept as it is, and such a number is not a string', async () => {
    const name = '"2.50000000000000000001", \\"1e-400'
    const { text } = await post(base, JSON.stringify({ mentor_id: name, organisation_id: '1e999' }))
    expect(JSON.parse(text).mentor_id).toBe(name)
    expect(problem(await post(base, '{"mentor_id":1e400}')).errors).toEqual([
      { detail: 'must be a string', pointer: '/mentor_id' },
    ])
  })

  test.each(['01e400', '1.e400', '2.50000000000000000001.', '1e400-1', '-', '[1e400'])(
    'an invalid number is invalid_json: %s',
    async text => {
      expect(problem(await post(base, `{"mentor_id":${text}}`)).code).toBe('invalid_json')
    },
  )

  const paths = async () => [base, await make.started(), '/api/v1/benefit-calculations']
  const inside = {
    'the whole': '',
    'a name': '{"mentor_id":',
    'an event': '{"event":',
    'a payload': '{"event":"CalculateRequested","payload":',
    'a payload of an event that takes none': '{"event":"ResetRequested","payload":',
    'a member of a payload': '{"event":"CalculateRequested","payload":{"sessions":',
  }

  test.each(Object.entries(inside))(
    'nested thousands deep is refused as invalid content, with and without an idempotency key: %s',
    async (_, start) => {
      const end = '}'.repeat(start.split('{').length - 1)
      const arrays = `${'['.repeat(7_950)}${']'.repeat(7_950)}`
      const objects = `${'{"a":'.repeat(2_600)}1${'}'.repeat(2_600)}`
      for (const [n, path] of (await paths()).entries()) {
        for (const deep of [arrays, objects]) {
          const body = start + deep + end
          for (const headers of [json, { ...json, 'Idempotency-Key': `deep-${n}` }]) {
            const answer = await call(n === 1 ? 'PUT' : 'POST', path, headers, body)
            expect(problem(answer)).toMatchObject({ status: 422, code: 'validation_failed' })
          }
        }
      }
      expect(server.log.filter(({ level }) => level === 'error')).toEqual([])
    },
  )

  test('with thousands of unknown members reports each of them', async () => {
    const names = Array.from({ length: 1_900 }, (_, n) => n.toString(36))
    const payload = Object.fromEntries(names.map(name => [name, 1]))
    const { errors } = problem(await put(await make.started(), JSON.stringify({ event: 'ResetRequested', payload })))
    expect(errors?.map(({ pointer }) => pointer).sort()).toEqual(names.map(name => `/payload/${name}`).sort())
  })
})
