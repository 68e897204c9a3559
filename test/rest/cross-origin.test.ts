import { base } from '../support/doors'
import { client, json } from '../support/rest'
import { serving } from '../support/server'
import { embeddedPlace } from '../support/stores'

const held = serving(embeddedPlace)
const { call, post, ...make } = client(held)
const Origin = 'https://dashboard.example'

describe('a page of another origin', () => {
  test('reads an answer and the headers that go with it', async () => {
    const { headers } = await post(base, '{"mentor_id":"m"}', { ...json, Origin })
    expect(headers['access-control-allow-origin']).toBe('*')
    const exposed = String(headers['access-control-expose-headers']).split(',')
    expect(exposed).toEqual(
      expect.arrayContaining([
        'ETag',
        'Idempotency-Replayed',
        'Link',
        'Location',
        'Retry-After',
        'Session-Version',
        'X-Request-Id',
      ]),
    )
  })

  test('reads an error', async () => {
    const { status, headers } = await call('GET', `${base}/none`, { Origin })
    expect({ status, origin: headers['access-control-allow-origin'] }).toEqual({ status: 404, origin: '*' })
  })

  test.each(['sessions', 'graphql'])('may ask whether it may send what it wants to: %s', async door => {
    const path = door === 'graphql' ? '/graphql' : await make.started()
    const asked = 'content-type,if-match,idempotency-key,x-request-id'
    const { status, headers } = await call('OPTIONS', path, {
      Origin,
      'Access-Control-Request-Method': door === 'graphql' ? 'POST' : 'PUT',
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

  test('sends no credentials: there are none here', async () => {
    const { headers } = await call('GET', base, { Origin })
    expect(headers['access-control-allow-credentials']).toBeUndefined()
  })
})
