import { base } from '../support/interfaces'
import { calculation, client, json, problem } from '../support/rest'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase)
const { call, get, put, ...make } = client(server)
const reset = '{"event":"ResetRequested"}'

describe('If-Match', () => {
  test.each(['"3"', '*', ' * ', '"1", "3"', '"1","3"', ',"3",', 'W/"3", "3"', '"other", "3"'])(
    '%s allows a change of version 3',
    async tags => {
      const answer = await put(await make.loaded(), reset, { ...json, 'If-Match': tags })
      expect(answer).toMatchObject({ status: 200, headers: { 'session-version': '4' } })
      expect((await call('DELETE', await make.loaded(), { 'If-Match': tags })).status).toBe(200)
    },
  )

  test.each(['"2"', '"1", "2"', 'W/"3"', '"03"', '"3.0"', '""', '"other"', '"99999999999999999999"'])(
    '%s does not match version 3: 412 with the current version, and nothing changes',
    async tags => {
      const path = await make.loaded()
      for (const answer of [
        await put(path, reset, { ...json, 'If-Match': tags }),
        await call('DELETE', path, { 'If-Match': tags }),
        await get(path, { 'If-Match': tags }),
      ]) {
        expect(problem(answer)).toMatchObject({ status: 412, code: 'version_mismatch', current_version: 3 })
      }
      expect((await get(path)).headers.etag).toBe('"3"')
    },
  )

  test.each(['W/"3"', 'W/"2"', '"1", W/"3"'])(
    '%s is refused with the explanation that a weak tag never matches',
    async tags => {
      const path = await make.loaded()
      for (const answer of [
        await put(path, reset, { ...json, 'If-Match': tags }),
        await put(base + path, reset, { ...json, 'If-Match': tags }),
        await call('DELETE', path, { 'If-Match': tags }),
        await call('DELETE', base + path, { 'If-Match': tags }),
        await get(path, { 'If-Match': tags }),
        await get(base + path, { 'If-Match': tags }),
      ]) {
        const { code, detail, ...said } = problem(answer)
        expect(said).toMatchObject({ status: 412, current_version: 3, errors: [{ header: 'If-Match' }] })
        expect(code).toBe('version_mismatch')
        expect(detail).toMatch(/weak tag.*Session-Version.*expectedVersion/)
        expect(detail).not.toContain('Read it again')
      }
    },
  )

  test.each(['3', '"3', '"3" "4"', 'w/"3"', '', '"3"; *', '*, "3"'])(
    '%j is malformed: 400 with the header named, and nothing changes',
    async tags => {
      const path = await make.loaded()
      for (const answer of [
        await put(path, reset, { ...json, 'If-Match': tags }),
        await call('DELETE', path, { 'If-Match': tags }),
        await get(path, { 'If-Match': tags }),
      ]) {
        expect(problem(answer)).toMatchObject({
          status: 400,
          code: 'invalid_request',
          errors: [{ header: 'If-Match' }],
        })
      }
      expect((await get(path)).headers.etag).toBe('"3"')
    },
  )
})

describe('If-None-Match', () => {
  test.each(['"3"', 'W/"3"', '*', '"1", "3"'])(
    '%s with version 3 is 304, with the version and without a body',
    async tags => {
      const path = await make.loaded()
      for (const method of ['GET', 'HEAD']) {
        const answer = await call(method, path, { 'If-None-Match': tags })
        expect(answer).toMatchObject({
          status: 304,
          text: '',
          headers: { etag: '"3"', 'session-version': '3', 'cache-control': 'private, no-cache' },
        })
        expect(answer.headers['content-type']).toBeUndefined()
      }
    },
  )

  test.each(['"2"', 'W/"4"', '"other"'])('%s with version 3 is 200', async tags => {
    const answer = await get(await make.loaded(), { 'If-None-Match': tags })
    expect(answer).toMatchObject({ status: 200, headers: { etag: '"3"' } })
  })

  test('a tag no longer matches after the next event', async () => {
    const path = await make.started()
    const { headers } = await get(path)
    expect((await get(path, { 'If-None-Match': headers.etag })).status).toBe(304)
    await put(path, calculation)
    expect((await get(path, { 'If-None-Match': headers.etag })).status).toBe(200)
  })

  test('a malformed value is 400 with the header named and no ETag, with any If-Match', async () => {
    for (const match of [{}, { 'If-Match': '"1"' }, { 'If-Match': '"7"' }]) {
      const answer = await get(await make.started(), { 'If-None-Match': '3', ...match })
      expect(problem(answer)).toMatchObject({ code: 'invalid_request', errors: [{ header: 'If-None-Match' }] })
      expect(answer.headers.etag).toBeUndefined()
    }
  })

  test('a match is 412 if If-Match does not match', async () => {
    const answer = await get(await make.loaded(), { 'If-None-Match': '"3"', 'If-Match': '"2"' })
    expect(problem(answer).code).toBe('version_mismatch')
  })

  // RFC 9110 §13.1.2: for methods other than GET and HEAD, a false condition is 412.
  test.each(['*', '"3"', 'W/"3"', '"1", "3"'])(
    '%s prevents a change of version 3: 412, and nothing changes',
    async tags => {
      const path = await make.loaded()
      for (const answer of [
        await put(path, reset, { ...json, 'If-None-Match': tags }),
        await call('DELETE', path, { 'If-None-Match': tags }),
      ]) {
        expect(problem(answer)).toMatchObject({ status: 412, code: 'version_mismatch', current_version: 3 })
      }
      expect((await get(path)).headers.etag).toBe('"3"')
    },
  )

  test('another version allows a change', async () => {
    const answer = await put(await make.loaded(), reset, { ...json, 'If-None-Match': '"2"' })
    expect(answer).toMatchObject({ status: 200, headers: { 'session-version': '4' } })
  })
})

test.each(['If-Match', 'If-None-Match'])('a malformed %s is refused quickly, however it is built', async header => {
  const path = await make.loaded()
  const paths = [path, '/docs', '/openapi.json', '/docs/start.js']
  const hostile = [
    `"a"${', '.repeat(26)}x`,
    `"a"${', '.repeat(6_000)}x`,
    `${'W/"",\t'.repeat(2_500)}x`,
    `"${'"'.repeat(15_000)}`,
  ]
  for (const value of hostile) {
    const began = performance.now()
    const answers = [
      await put(path, reset, { ...json, [header]: value }),
      await call('DELETE', path, { [header]: value }),
    ]
    const reads = header === 'If-Match' ? [path] : paths
    for (const at of reads) answers.push(await get(at, { [header]: value }))
    for (const answer of answers)
      expect(problem(answer)).toMatchObject({ code: 'invalid_request', errors: [{ header }] })
    expect(performance.now() - began).toBeLessThan(10_000)
  }
})
