import type { Inputs, Outputs } from '../../src/domain/calculator'
import { calculate } from '../../src/domain/time-value'
import { inputs, otherInputs } from '../support/inputs'
import {
  type Answer,
  type Api,
  base,
  done,
  graphqlApi,
  overInterfaces,
  overPairs,
  query,
  refused,
  restApi,
} from '../support/interfaces'
import { client } from '../support/rest'
import { clockAt, serving } from '../support/server'
import { overStores } from '../support/stores'

overStores(({ newDatabase }) => {
  const clock = clockAt('2026-03-26T09:00:00Z')
  let works = true
  const calculator = (given: Inputs): Outputs => {
    if (!works) throw new Error('a defect')
    return calculate(given)
  }
  const server = serving(newDatabase, { clock, calculator })
  beforeEach(() => {
    works = true
    clock.set('2026-03-26T09:00:00Z')
  })

  async function calculated(api: Api): Promise<{ id: string }> {
    const id = done(await api.start({ mentor_id: 'm', organisation_id: 'o' })).session.session_id
    done(await api.dispatch(id, 'CalculateRequested', inputs))
    return { id }
  }

  async function shared(api: Api): Promise<{ id: string; token: string }> {
    const { id } = await calculated(api)
    done(await api.dispatch(id, 'ShareRequested'))
    return { id, token: done(await api.share(id)).share.token }
  }

  overInterfaces(server, api => {
    test('a share states its path, its result and an expiry in 30 days, and its token cannot be guessed', async () => {
      const { id } = await shared(api)
      const { share } = done(await api.share(id))
      const { result_id } = done(await api.get(id)).session
      expect(share).toEqual({
        path: `/shared/${share.token}`,
        token: share.token,
        result_id,
        expires_at: '2026-04-25T09:00:00Z',
        show_organisation: false,
      })
      expect(Buffer.from(share.token, 'base64url').length).toBeGreaterThanOrEqual(16)
      expect((await shared(api)).token).not.toBe(share.token)
    })

    test('a share link shows the result and no session, mentor or organisation id', async () => {
      const { id, token } = await shared(api)
      const { results } = done(await api.results(id))
      const { result_id: _, ...result } = results[0] ?? { result_id: '' }
      const shows = done(await api.shared(token)).shared
      expect(shows).toEqual({ ...result, expires_at: '2026-04-25T09:00:00Z' })
      expect(Object.keys(shows).sort()).toEqual(['caveat', 'computed_at', 'expires_at', 'inputs', 'method', 'outputs'])
    })

    test('a shared result names the organisation if its link was requested so, and the token stays', async () => {
      const { id, token } = await shared(api)
      const organisationOf = async () => done(await api.shared(token)).shared.organisation_id
      const share = (payload: object) => api.dispatch(id, 'ShareRequested', payload)
      expect(await organisationOf()).toBeUndefined()
      clock.set('2026-03-27T09:00:00Z')
      expect(done(await share({ show_organisation: true })).version).toBe(5)
      expect(await organisationOf()).toBe('o')
      expect(done(await api.share(id)).share).toMatchObject({
        token,
        expires_at: '2026-04-25T09:00:00Z',
        show_organisation: true,
      })
      for (const same of [{ show_organisation: true }, { show_organisation: null }, { expires_in_days: null }])
        expect(done(await share(same)).version).toBe(5)
      expect(done(await share({ expires_in_days: 7 })).version).toBe(6)
      expect(await organisationOf()).toBe('o')
      expect(done(await share({ show_organisation: false })).version).toBe(7)
      expect(await organisationOf()).toBeUndefined()
      expect(done(await api.share(id)).share).toMatchObject({ token, expires_at: '2026-04-03T09:00:00Z' })
    })

    test('show_organisation is refused with any other event, and if it is no boolean', async () => {
      const { id } = await calculated(api)
      expect(await api.dispatch(id, 'ResetRequested', { show_organisation: true })).toMatchObject({
        code: 'validation_failed',
        facts: { errors: [{ pointer: api.pointer('/payload/show_organisation') }] },
      })
      const text = await api.dispatch(id, 'ShareRequested', { show_organisation: 'yes' as never })
      expect(text).toMatchObject({ code: api.name === 'rest' ? 'validation_failed' : 'bad_user_input' })
    })

    test('a session without a share shows none, and an unknown token finds nothing', async () => {
      const id = done(await api.start({ mentor_id: 'm' })).session.session_id
      expect(await api.share(id)).toEqual(refused('share_not_found'))
      done(await api.dispatch(id, 'CalculateRequested', inputs))
      expect(await api.share(id)).toEqual(refused('share_not_found'))
      expect(done(await api.shares(id)).shares).toEqual([])
      expect(await api.shares('none')).toEqual(refused('session_not_found'))
      expect(await api.shared('never-issued')).toEqual(refused('share_not_found'))
    })

    test.each(['ShareRevokeRequested', 'ResetRequested'] as const)('%s ends a share link for good', async event => {
      const { id, token } = await shared(api)
      done(await api.dispatch(id, event))
      expect(await api.shared(token)).toEqual(refused('share_gone'))
      expect(await api.share(id)).toEqual(refused('share_not_found'))
    })

    test('a share link works up to its last second and is gone after it', async () => {
      const { id, token } = await shared(api)
      clock.set('2026-04-25T08:59:59Z')
      expect((await api.shared(token)).ok).toBe(true)
      expect((await api.share(id)).ok).toBe(true)
      expect(done(await api.shares(id)).shares).toHaveLength(1)
      clock.set('2026-04-25T09:00:00Z')
      expect(await api.shared(token)).toEqual(refused('share_gone'))
      expect(await api.share(id)).toEqual(refused('share_not_found'))
      expect(done(await api.shares(id)).shares).toEqual([])
      const { version } = done(await api.get(id))
      expect(done(await api.dispatch(id, 'ShareRevokeRequested')).version).toBe(version)
      expect(done(await api.dispatch(id, 'ShareRequested')).version).toBe(version + 1)
      expect(done(await api.share(id)).share.token).not.toBe(token)
    })

    test('an older result keeps its live link beside a new result, until every link is revoked', async () => {
      const { id, token } = await shared(api)
      done(await api.dispatch(id, 'CalculateRequested', otherInputs))
      expect(await api.share(id)).toEqual(refused('share_not_found'))
      expect(done(await api.shared(token)).shared.inputs).toEqual(inputs)
      done(await api.dispatch(id, 'ShareRequested'))
      const second = done(await api.share(id)).share.token
      expect(done(await api.shared(second)).shared.inputs).toEqual(otherInputs)
      expect(done(await api.shared(token)).shared.inputs).toEqual(inputs)
      const { shares } = done(await api.shares(id))
      expect(shares.map(({ token }) => token)).toEqual([second, token])
      expect(shares[0]).toEqual(done(await api.share(id)).share)
      const { results } = done(await api.results(id))
      expect(shares.map(({ result_id }) => result_id)).toEqual(results.map(({ result_id }) => result_id))
      done(await api.dispatch(id, 'ShareRevokeRequested'))
      expect(done(await api.shares(id)).shares).toEqual([])
      for (const link of [token, second]) expect(await api.shared(link)).toEqual(refused('share_gone'))
    })

    test('a share link lasts as many days as requested, from 1 to 365', async () => {
      const { id } = await calculated(api)
      for (const [days, expires_at] of [
        [1, '2026-03-27T09:00:00Z'],
        [365, '2027-03-26T09:00:00Z'],
      ] as const) {
        done(await api.dispatch(id, 'ShareRequested', { expires_in_days: days }))
        expect(done(await api.share(id)).share).toMatchObject({ expires_at })
      }
      clock.set('2027-03-26T08:59:59Z')
      const { share } = done(await api.share(id))
      expect(done(await api.shared(share.token)).shared).toMatchObject({ expires_at: '2027-03-26T09:00:00Z' })
      clock.set('2027-03-26T09:00:00Z')
      expect(await api.shared(share.token)).toEqual(refused('share_gone'))
    })

    test('another number of days gives a live link a new expiry from now, and keeps its token', async () => {
      const { id, token } = await shared(api)
      const { version } = done(await api.get(id))
      clock.set('2026-03-28T09:00:00Z')
      expect(done(await api.dispatch(id, 'ShareRequested', { expires_in_days: 7 }))).toMatchObject({
        version: version + 1,
        session: { state: 'loaded', last_event: 'ShareRequested', updated_at: '2026-03-28T09:00:00Z' },
      })
      const { shares } = done(await api.shares(id))
      expect(shares).toEqual([{ ...done(await api.share(id)).share, token, expires_at: '2026-04-04T09:00:00Z' }])
      expect(done(await api.shared(token)).shared).toMatchObject({ expires_at: '2026-04-04T09:00:00Z' })
      const { events } = done(await api.events(id, version))
      expect(events).toEqual([
        {
          event: 'ShareRequested',
          from: 'loaded',
          to: 'loaded',
          sequence: version + 1,
          at: '2026-03-28T09:00:00Z',
          result_id: shares[0]?.result_id,
        },
      ])
    })

    test('the days that a live link already has, or none, change nothing', async () => {
      const { id } = await calculated(api)
      done(await api.dispatch(id, 'ShareRequested', { expires_in_days: 7 }))
      const before = done(await api.get(id))
      const { share } = done(await api.share(id))
      clock.set('2026-03-28T09:00:00Z')
      for (const days of [7, undefined, null]) {
        expect(done(await api.dispatch(id, 'ShareRequested', { expires_in_days: days }))).toEqual({
          ...before,
          replayed: false,
        })
      }
      expect(done(await api.dispatch(id, 'ShareRequested'))).toEqual({ ...before, replayed: false })
      expect(done(await api.share(id)).share).toEqual(share)
      expect(done(await api.dispatch(id, 'ShareRequested', { expires_in_days: 30 })).version).toBe(before.version + 1)
    })

    test.each([
      [0, 'must be at least 1'],
      [366, 'must be at most 365'],
    ])('a share link for %p days is refused, and changes nothing', async (days, detail) => {
      const { id } = await shared(api)
      const before = await api.get(id)
      const pointer = api.pointer('/payload/expires_in_days')
      expect(await api.dispatch(id, 'ShareRequested', { expires_in_days: days })).toEqual(
        refused('validation_failed', { errors: [{ detail, pointer }] }),
      )
      expect(await api.get(id)).toEqual(before)
    })

    test('a session in error that shares its result for other days is then loaded', async () => {
      const { id, token } = await shared(api)
      works = false
      done(await api.dispatch(id, 'CalculateRequested', otherInputs))
      const failed = done(await api.get(id))
      expect(failed.session.state).toBe('error')
      expect(done(await api.dispatch(id, 'ShareRequested'))).toEqual({ ...failed, replayed: false })
      expect(done(await api.dispatch(id, 'ShareRequested', { expires_in_days: 90 }))).toMatchObject({
        version: failed.version + 1,
        session: { state: 'loaded', result_id: failed.session.result_id },
      })
      expect(done(await api.share(id)).share.token).toBe(token)
    })

    test('one link is revoked for good, and the others stay', async () => {
      const { id, token, second } = await sharedTwice(api)
      const { version } = done(await api.get(id))
      clock.set('2026-03-28T09:00:00Z')
      const after = done(await api.revokeShare(id, token))
      expect(after).toMatchObject({
        version: version + 1,
        replayed: false,
        session: { state: 'loaded', last_event: 'ShareRevokeRequested', updated_at: '2026-03-28T09:00:00Z' },
      })
      expect(done(await api.get(id)).session).toEqual(after.session)
      expect(await api.shared(token)).toEqual(refused('share_gone'))
      expect(done(await api.shares(id)).shares.map(({ token }) => token)).toEqual([second])
      expect(done(await api.share(id)).share.token).toBe(second)
      expect(done(await api.events(id, version)).events).toMatchObject([
        { event: 'ShareRevokeRequested', from: 'loaded', to: 'loaded', sequence: version + 1 },
      ])
      done(await api.revokeShare(id, second))
      expect(await api.share(id)).toEqual(refused('share_not_found'))
      done(await api.dispatch(id, 'ShareRequested'))
      expect([token, second]).not.toContain(done(await api.share(id)).share.token)
    })

    test('a link is gone if it was revoked or has expired, and not found if the session never had it', async () => {
      const { id, token } = await shared(api)
      const other = await shared(api)
      expect(await api.revokeShare(id, 'never-issued')).toEqual(refused('share_not_found'))
      expect(await api.revokeShare(id, other.token)).toEqual(refused('share_not_found'))
      expect(await api.revokeShare('none', token)).toEqual(refused('session_not_found'))
      done(await api.revokeShare(id, token))
      expect(await api.revokeShare(id, token)).toEqual(refused('share_gone'))
      const before = await api.get(other.id)
      clock.set('2026-04-25T09:00:00Z')
      expect(await api.revokeShare(other.id, other.token)).toEqual(refused('share_gone'))
      expect(await api.get(other.id)).toEqual(before)
      done(await api.dispatch(other.id, 'ResetRequested'))
      expect(await api.revokeShare(other.id, other.token)).toEqual(refused('share_gone'))
    })

    test('a link is revoked only at the expected version, which does not matter to a link that is not live', async () => {
      const { id, token } = await shared(api)
      const { version } = done(await api.get(id))
      const stale = { version: version - 1 }
      expect(await api.revokeShare(id, token, stale)).toEqual(refused('version_mismatch', { current_version: version }))
      expect(await api.revokeShare(id, 'never-issued', stale)).toEqual(refused('share_not_found'))
      expect((await api.shared(token)).ok).toBe(true)
      expect(done(await api.revokeShare(id, token, { version })).version).toBe(version + 1)
      expect(await api.revokeShare(id, token, stale)).toEqual(refused('share_gone'))
    })

    test('of two revocations of one link at once, one succeeds and the other finds it gone', async () => {
      const { id, token } = await shared(api)
      const answers: Answer<unknown>[] = await Promise.all([api.revokeShare(id, token), api.revokeShare(id, token)])
      expect(answers.map(answer => (answer.ok ? 'ok' : answer.code))).toEqual(['ok', 'share_gone'])
    })

    test('in error, a session that loses one link is loaded again', async () => {
      const { id, token } = await shared(api)
      works = false
      done(await api.dispatch(id, 'CalculateRequested', otherInputs))
      expect(done(await api.revokeShare(id, token)).session).toMatchObject({ state: 'loaded' })
    })
  })

  test('after a move to another organisation, a link names none until somebody chooses to show the new one', async () => {
    const api = restApi(server)
    const { id } = await calculated(api)
    done(await api.dispatch(id, 'ShareRequested', { show_organisation: true }))
    const { token } = done(await api.share(id)).share
    const shown = async () => {
      const { shared } = done(await api.shared(token))
      return 'organisation_id' in shared && shared.organisation_id
    }
    done(await api.dispatch(id, 'ReassignRequested', { mentor_id: 'another' }))
    expect(await shown()).toBe('o')
    done(await api.dispatch(id, 'ReassignRequested', { organisation_id: 'p' }))
    expect(await shown()).toBe(false)
    done(await api.dispatch(id, 'ShareRequested'))
    expect(await shown()).toBe(false)
    done(await api.dispatch(id, 'ShareRequested', { show_organisation: true }))
    expect(await shown()).toBe('p')
  })

  test('the page of a shared result names the organisation in the same way, and as JSON it is null if there is none', async () => {
    const api = restApi(server)
    const { id } = await calculated(api)
    done(await api.dispatch(id, 'ShareRequested', { show_organisation: true }))
    const { path } = done(await api.share(id)).share
    expect((await client(server).get(path)).text).toContain('<p class="subject"><bdi>o</bdi></p>')
    done(await api.dispatch(id, 'ShareRequested', { show_organisation: false }))
    expect((await client(server).get(path)).text).not.toContain('<p class="subject">')
    const { session_id } = done(await api.start({ mentor_id: 'm', inputs })).session
    done(await api.dispatch(session_id, 'ShareRequested', { show_organisation: true }))
    const { token } = done(await api.share(session_id)).share
    expect(done(await api.shared(token)).shared).toMatchObject({ organisation_id: null })
  })

  overPairs(server, (first, second) => {
    test('a request for days and a revocation are repeated under their keys, and take effect once', async () => {
      const { id } = await calculated(first)
      const shares = done(await first.dispatch(id, 'ShareRequested', { expires_in_days: 90 }, { key: 'share' }))
      expect(done(await second.dispatch(id, 'ShareRequested', { expires_in_days: 90 }, { key: 'share' }))).toEqual({
        ...shares,
        replayed: true,
      })
      expect(await second.dispatch(id, 'ShareRequested', { expires_in_days: 91 }, { key: 'share' })).toEqual(
        refused('idempotency_key_reused'),
      )
      expect(await second.dispatch(id, 'ShareRequested', null, { key: 'share' })).toEqual(
        refused('idempotency_key_reused'),
      )
      const { token } = done(await first.share(id)).share
      const revoked = done(await first.revokeShare(id, token, { key: 'revoke', version: shares.version }))
      expect(done(await second.revokeShare(id, token, { key: 'revoke', version: shares.version }))).toEqual({
        ...revoked,
        replayed: true,
      })
      expect(await second.revokeShare(id, 'another', { key: 'revoke' })).toEqual(refused('idempotency_key_reused'))
      expect(await second.dispatch(id, 'ShareRevokeRequested', null, { key: 'revoke' })).toEqual(
        refused('idempotency_key_reused'),
      )
      expect(done(await second.get(id)).version).toBe(revoked.version)
    })
  })

  async function sharedTwice(api: Api): Promise<{ id: string; token: string; second: string }> {
    const { id, token } = await shared(api)
    done(await api.dispatch(id, 'CalculateRequested', otherInputs))
    done(await api.dispatch(id, 'ShareRequested'))
    return { id, token, second: done(await api.share(id)).share.token }
  }

  test('GraphQL refuses days with any other event, and a calculation with days, at their pointers', async () => {
    const { id } = await shared(graphqlApi(server))
    const text = 'mutation ($input: DispatchEventInput!) { dispatchEvent(input: $input) { replayed } }'
    const pointersOf = async (input: object): Promise<unknown> => {
      const { errors } = await query(server, text, { input: { sessionId: id, ...input } })
      const [error] = errors ?? []
      return [error?.extensions.code, error?.extensions.errors]
    }
    const fault = (pointer: string) => ({ detail: 'is not a known member', pointer })
    for (const event of ['SHARE_REVOKE_REQUESTED', 'RESET_REQUESTED', 'RETRY_REQUESTED']) {
      expect(await pointersOf({ event, expiresInDays: 30 })).toEqual(['VALIDATION_FAILED', [fault('/expiresInDays')]])
    }
    const payload = { sessions: 1, avgMinutes: 2, costPerSession: 3, costPerHour: 4 }
    expect(await pointersOf({ event: 'CALCULATE_REQUESTED', payload, expiresInDays: 30 })).toEqual([
      'VALIDATION_FAILED',
      [fault('/expiresInDays')],
    ])
    expect(await pointersOf({ event: 'SHARE_REQUESTED', payload, expiresInDays: 0 })).toEqual([
      'VALIDATION_FAILED',
      expect.arrayContaining([
        { detail: 'must be at least 1', pointer: '/expiresInDays' },
        ...['sessions', 'avgMinutes', 'costPerSession', 'costPerHour'].map(name => fault(`/payload/${name}`)),
      ]),
    ])
  })

  test('REST revokes a link at its path only: nothing else is served there', async () => {
    const { id, token } = await shared(restApi(server))
    const { call } = client(server)
    const path = `${base}/${id}/shares/${token}`
    const got = await call('GET', path)
    expect([got.status, got.headers.allow]).toEqual([405, 'DELETE, OPTIONS'])
    expect((await call('DELETE', `${path}?all=true`)).status).toBe(400)
    expect((await call('DELETE', `${base}/${id}/shares/${'x'.repeat(513)}`)).status).toBe(404)
    const { status, headers, text } = await call('DELETE', base + path, { 'If-Match': '*' })
    expect([status, headers['session-version'], headers.etag]).toEqual([200, '5', undefined])
    expect(text).not.toContain(token)
  })

  test('the feed shows a new expiry and the revocation of one link like any request and revocation', async () => {
    const api = graphqlApi(server)
    const { id, token } = await shared(api)
    const { events } = done(await api.events(id))
    const feed = '/api/v1/benefit-calculator-events'
    const { get } = client(server)
    const { next } = JSON.parse((await get(feed)).text)
    done(await api.dispatch(id, 'ShareRequested', { expires_in_days: 90 }))
    done(await api.revokeShare(id, token))
    const items: { event: string; sequence: number; session_id: string }[] = JSON.parse(
      (await get(`${feed}?after=${next}&wait=30`)).text,
    ).data
    const shown = items.filter(({ session_id }) => session_id === id)
    expect(shown[0]).toMatchObject({
      event: 'ShareRequested',
      sequence: events.length + 1,
      from: 'loaded',
      to: 'loaded',
    })
    const after = JSON.parse((await get(`${base}/${id}/events?after=${events.length}`)).text).data
    expect(after.map(({ event }: { event: string }) => event)).toEqual(['ShareRequested', 'ShareRevokeRequested'])
    expect(JSON.stringify(items)).not.toContain(token)
  })
})
