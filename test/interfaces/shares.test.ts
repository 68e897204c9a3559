import { inputs, otherInputs } from '../support/inputs'
import { type Door, done, overDoors, refused } from '../support/interfaces'
import { clockAt, serving } from '../support/server'
import { overStores } from '../support/stores'

overStores(({ place }) => {
  const clock = clockAt('2026-03-26T09:00:00Z')
  const server = serving(place, { clock })
  beforeEach(() => clock.set('2026-03-26T09:00:00Z'))

  async function shared(door: Door): Promise<{ id: string; token: string }> {
    const id = done(await door.start({ mentor_id: 'm', organisation_id: 'o' })).session.session_id
    done(await door.dispatch(id, 'CalculateRequested', inputs))
    done(await door.dispatch(id, 'ShareRequested'))
    return { id, token: done(await door.share(id)).share.token }
  }

  overDoors(server, door => {
    test('a share states its path, its result and an expiry in 30 days, and its token cannot be guessed', async () => {
      const { id } = await shared(door)
      const { share } = done(await door.share(id))
      const { result_id } = done(await door.get(id)).session
      expect(share).toEqual({
        path: `/shared/${share.token}`,
        token: share.token,
        result_id,
        expires_at: '2026-04-25T09:00:00Z',
      })
      expect(Buffer.from(share.token, 'base64url').length).toBeGreaterThanOrEqual(16)
      expect((await shared(door)).token).not.toBe(share.token)
    })

    test('a share link shows the result and no session, mentor or organisation id', async () => {
      const { id, token } = await shared(door)
      const { results } = done(await door.results(id))
      const { result_id: _, ...result } = results[0] ?? { result_id: '' }
      const shows = done(await door.shared(token)).shared
      expect(shows).toEqual({ ...result, expires_at: '2026-04-25T09:00:00Z' })
      expect(Object.keys(shows).sort()).toEqual(['caveat', 'computed_at', 'expires_at', 'inputs', 'method', 'outputs'])
    })

    test('a session without a share shows none, and an unknown token finds nothing', async () => {
      const id = done(await door.start({ mentor_id: 'm' })).session.session_id
      expect(await door.share(id)).toEqual(refused('share_not_found'))
      done(await door.dispatch(id, 'CalculateRequested', inputs))
      expect(await door.share(id)).toEqual(refused('share_not_found'))
      expect(done(await door.shares(id)).shares).toEqual([])
      expect(await door.shares('none')).toEqual(refused('session_not_found'))
      expect(await door.shared('never-issued')).toEqual(refused('share_not_found'))
    })

    test.each(['ShareRevokeRequested', 'ResetRequested'] as const)('%s ends a share link for good', async event => {
      const { id, token } = await shared(door)
      done(await door.dispatch(id, event))
      expect(await door.shared(token)).toEqual(refused('share_gone'))
      expect(await door.share(id)).toEqual(refused('share_not_found'))
    })

    test('a share link works up to its last second and is gone after it', async () => {
      const { id, token } = await shared(door)
      clock.set('2026-04-25T08:59:59Z')
      expect((await door.shared(token)).ok).toBe(true)
      expect((await door.share(id)).ok).toBe(true)
      expect(done(await door.shares(id)).shares).toHaveLength(1)
      clock.set('2026-04-25T09:00:00Z')
      expect(await door.shared(token)).toEqual(refused('share_gone'))
      expect(await door.share(id)).toEqual(refused('share_not_found'))
      expect(done(await door.shares(id)).shares).toEqual([])
      const { version } = done(await door.get(id))
      expect(done(await door.dispatch(id, 'ShareRevokeRequested')).version).toBe(version)
      expect(done(await door.dispatch(id, 'ShareRequested')).version).toBe(version + 1)
      expect(done(await door.share(id)).share.token).not.toBe(token)
    })

    test('an older result keeps its live link beside a new result, until every link is revoked', async () => {
      const { id, token } = await shared(door)
      done(await door.dispatch(id, 'CalculateRequested', otherInputs))
      expect(await door.share(id)).toEqual(refused('share_not_found'))
      expect(done(await door.shared(token)).shared.inputs).toEqual(inputs)
      done(await door.dispatch(id, 'ShareRequested'))
      const second = done(await door.share(id)).share.token
      expect(done(await door.shared(second)).shared.inputs).toEqual(otherInputs)
      expect(done(await door.shared(token)).shared.inputs).toEqual(inputs)
      const { shares } = done(await door.shares(id))
      expect(shares.map(({ token }) => token)).toEqual([second, token])
      expect(shares[0]).toEqual(done(await door.share(id)).share)
      const { results } = done(await door.results(id))
      expect(shares.map(({ result_id }) => result_id)).toEqual(results.map(({ result_id }) => result_id))
      done(await door.dispatch(id, 'ShareRevokeRequested'))
      expect(done(await door.shares(id)).shares).toEqual([])
      for (const link of [token, second]) expect(await door.shared(link)).toEqual(refused('share_gone'))
    })
  })
})
