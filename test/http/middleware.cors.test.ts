import type { IncomingMessage } from 'node:http'
import { originsAllowed } from '../../src/http/middleware'
import { configOf } from '../../src/startup/config'
import { base } from '../support/interfaces'
import { client, json } from '../support/rest'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase)
const { call, post, ...make } = client(server)
const Origin = 'https://dashboard.example'

describe('a page of another origin', () => {
  test('reads a response and its exposed headers', async () => {
    const { headers } = await post(base, '{"mentor_id":"m"}', { ...json, Origin })
    expect(headers['access-control-allow-origin']).toBe('*')
    const exposed = String(headers['access-control-expose-headers']).split(',')
    expect(exposed).toEqual(
      expect.arrayContaining([
        'Content-Disposition',
        'ETag',
        'Idempotency-Replayed',
        'Link',
        'Location',
        'Retry-After',
        'Session-Version',
        'WWW-Authenticate',
        'X-Request-Id',
      ]),
    )
  })

  test('reads an error', async () => {
    const { status, headers } = await call('GET', `${base}/none`, { Origin })
    expect({ status, origin: headers['access-control-allow-origin'] }).toEqual({ status: 404, origin: '*' })
  })

  test.each(['sessions', 'graphql'])('gets a preflight response that allows its request: %s', async api => {
    const path = api === 'graphql' ? '/graphql' : await make.started()
    const asked = 'authorization,content-type,if-match,idempotency-key,x-request-id'
    const { status, headers } = await call('OPTIONS', path, {
      Origin,
      'Access-Control-Request-Method': api === 'graphql' ? 'POST' : 'PUT',
      'Access-Control-Request-Headers': asked,
    })
    expect(status).toBe(204)
    expect(headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-headers': asked,
      'access-control-max-age': '86400',
      allow: expect.stringContaining('OPTIONS'),
    })
    expect(headers['access-control-allow-methods']).toContain('PUT')
  })

  test('sends no credentials', async () => {
    const { headers } = await call('GET', base, { Origin })
    expect(headers['access-control-allow-credentials']).toBeUndefined()
  })
})

describe('with a list of allowed origins', () => {
  const some = serving(embeddedDatabase, { config: configOf({ CORS_ORIGIN: `https://one.example, ${Origin}` }) })
  const api = client(some)

  test.each([base, '/graphql?query={__typename}', '/'])(
    'each allowed origin gets its own name in the response, and others get none: %s',
    async path => {
      for (const origin of [Origin, 'https://one.example']) {
        const { headers } = await api.get(path, { Origin: origin, Accept: '*/*, text/html' })
        expect(headers['access-control-allow-origin']).toBe(origin)
        expect(headers.vary).toContain('Origin')
      }
      for (const foreign of [{ Origin: 'https://evil.example' }, { Origin: 'null' }, {}]) {
        const { headers } = await api.get(path, foreign)
        expect(headers['access-control-allow-origin']).toBeUndefined()
        expect(headers.vary).toContain('Origin')
      }
    },
  )

  test.each([
    [{}, true],
    [{ origin: Origin }, true],
    [{ origin: 'https://evil.example' }, false],
    [{ origin: 'null' }, false],
    [{ origin: 'http://127.0.0.1:4000', host: '127.0.0.1:4000' }, true],
    [{ origin: 'https://Sessions.example', host: 'sessions.example' }, true],
    [{ origin: 'http://127.0.0.1:4001', host: '127.0.0.1:4000' }, false],
    [{ origin: 'null', host: undefined }, false],
  ])(
    'a page of an allowed origin or of this server may open a WebSocket, and no other page may: %j',
    (headers, allowed) => {
      expect(originsAllowed(['https://one.example', Origin])({ headers } as IncomingMessage)).toBe(allowed)
    },
  )

  test('`*` allows every origin', () => {
    expect(originsAllowed(['*'])({ headers: { origin: 'null' } } as IncomingMessage)).toBe(true)
  })
})
