import { inputs, otherInputs } from '../support/inputs'
import { intercepting } from '../support/intercepting'
import { type Api, done, type Links, overInterfaces, refused, restApi } from '../support/interfaces'
import { prefetches } from '../support/prefetches'
import { client } from '../support/rest'
import { clockAt, serving, startServer } from '../support/server'
import { overStores } from '../support/stores'
import { until } from '../support/until'

overStores(({ newDatabase }) => {
  const clock = clockAt('2026-03-26T09:00:00Z')
  const server = serving(newDatabase, { clock })
  /** For concurrent tests, because the other tests set `clock`. */
  const still = clockAt('2026-03-26T09:00:00Z')
  const stillServer = serving(newDatabase, { clock: still })

  /** Shares a result of a new session, and returns the link. */
  async function shared(api: Api, who: { mentor_id: string; organisation_id?: string }, label?: string) {
    const id = done(await api.start(who)).session.session_id
    done(await api.dispatch(id, 'CalculateRequested', { ...inputs, ...(label && { label }) }))
    done(await api.dispatch(id, 'ShareRequested'))
    return { id, ...done(await api.share(id)).share }
  }
  const linksOf = async (api: Api, mentor_id: string): Promise<Links['links']> =>
    done(await api.links({ mentor_id })).links

  const viewsOf = async (api: Api, token: string, mentor_id: string): Promise<number | undefined> =>
    (await linksOf(api, mentor_id)).find(link => link.token === token)?.views

  overInterfaces(server, api => {
    const unique = (name: string): string => `${name} over ${api.name}`

    test('the list names the session of each live link, with the label of the shared result', async () => {
      const [mentor_id, organisation_id] = [unique('list'), unique('org')]
      clock.set('2026-03-26T09:00:00Z')
      const first = await shared(api, { mentor_id, organisation_id }, 'Spring')
      clock.set('2026-03-26T09:00:01Z')
      const second = await shared(api, { mentor_id })
      done(await api.dispatch(first.id, 'CalculateRequested', { ...otherInputs, label: 'Summer' }))
      const whose = { mentor_id, views: 0 }
      const links = [
        { ...second, ...whose, organisation_id: null, label: null },
        { ...first, ...whose, organisation_id, label: 'Spring' },
      ].map(({ id, ...link }) => ({ ...link, session_id: id }))
      expect(await linksOf(api, mentor_id)).toEqual(links)
      expect(done(await api.links({ organisation_id })).links).toEqual(links.slice(1))
      done(await api.revokeShare(second.id, second.token))
      expect(await linksOf(api, mentor_id)).toEqual(links.slice(1))
      clock.set(first.expires_at)
      expect(await linksOf(api, mentor_id)).toEqual([])
      clock.set('2026-03-26T09:00:00Z')
    })

    test('pages of the list continue after a cursor, which holds no token', async () => {
      const mentor_id = unique('pages')
      const made = []
      for (let i = 0; i < 5; i++) made.push((await shared(api, { mentor_id })).token)
      const tokens: string[] = []
      let after: string | null | undefined
      do {
        const page = done(await api.links({ mentor_id, limit: 2, ...(after && { after }) }))
        tokens.push(...page.links.map(({ token }) => token))
        after = page.next
        for (const token of made) expect(Buffer.from(after ?? '', 'base64url').toString()).not.toContain(token)
      } while (after)
      expect(tokens.toSorted()).toEqual(made.toSorted())
      for (const after of ['nonsense', Buffer.from('["2026-03-26",1,2]').toString('base64url')])
        expect(await api.links({ after })).toMatchObject({ ok: false, code: 'invalid_cursor' })
    })

    test('each read of a link counts as a view, until the link is revoked', async () => {
      const mentor_id = unique('views')
      const [{ id, token }, other] = [await shared(api, { mentor_id }), await shared(api, { mentor_id })]
      for (let i = 0; i < 3; i++) done(await api.shared(token))
      await server.viewCounter.save()
      expect(await viewsOf(api, token, mentor_id)).toBe(3)
      expect(await viewsOf(api, other.token, mentor_id)).toBe(0)
      done(await api.shared(token))
      await server.viewCounter.save()
      expect(await viewsOf(api, token, mentor_id)).toBe(4)
      done(await api.shared(token))
      done(await api.revokeShare(id, token))
      expect(await api.shared(token)).toEqual(refused('share_gone'))
      await server.viewCounter.save()
      // The revocation does not wait until the count is deleted.
      const isDeleted = async () => (await server.store.views.readViews([token])).size === 0
      await until(isDeleted, 20_000, 'the deletion of the count')
      done(await api.dispatch(id, 'ShareRequested'))
      expect(await viewsOf(api, done(await api.share(id)).share.token, mentor_id)).toBe(0)
    })
  })

  test.concurrent('a view is saved a few seconds later', async () => {
    const { token } = await shared(restApi(stillServer), { mentor_id: 'later' })
    done(await restApi(stillServer).shared(token))
    const isSaved = async () => (await viewsOf(restApi(stillServer), token, 'later')) === 1
    await until(isSaved, 20_000, 'the view')
  })

  test('the page and its JSON count as views; HEAD, files, prefetches, and links that are gone do not', async () => {
    const api = restApi(server)
    const { token, id } = await shared(api, { mentor_id: 'counted' })
    const { call } = client(server)
    for (const [method, query, accept] of [
      ['HEAD', '', 'text/html'],
      ['GET', '?format=json', 'text/html'],
      ['GET', '?format=csv', 'text/html'],
      ['GET', '', 'text/csv'],
      ['GET', '', 'text/html'],
      ['GET', '', 'application/json'],
    ] as const) {
      expect((await call(method, `/shared/${token}${query}`, { Accept: accept })).status).toBe(200)
    }
    for (const headers of prefetches) expect((await call('GET', `/shared/${token}`, headers)).status).toBe(200)
    await server.viewCounter.save()
    expect(await viewsOf(api, token, 'counted')).toBe(2)
    done(await api.revokeShare(id, token))
    expect((await call('GET', `/shared/${token}`)).status).toBe(410)
    expect((await call('GET', '/shared/never-issued')).status).toBe(404)
    await server.viewCounter.save()
    await until(
      async () => (await server.store.views.readViews([token, 'never-issued'])).size === 0,
      60_000,
      'the end of the counts',
    )
  })

  test.concurrent('no count of an erased mentor remains', async () => {
    const own = await newDatabase()
    const erasing = await startServer(own, { clock: still })
    try {
      const api = restApi(erasing)
      const { token } = await shared(api, { mentor_id: 'erased' })
      done(await api.shared(token))
      await erasing.viewCounter.save()
      expect(await viewsOf(api, token, 'erased')).toBe(1)
      done(await api.shared(token))
      expect(done(await api.erase('erased')).erased).toBe(true)
      await erasing.viewCounter.save()
      await until(async () => (await erasing.store.views.readViews([token])).size === 0, 60_000, 'the end of the count')
    } finally {
      await erasing.stop()
      await own.drop()
    }
  })

  test.concurrent('a stop saves the views that were counted last', async () => {
    const own = await newDatabase()
    try {
      const first = await startServer(own, { clock: still })
      const { token } = await shared(restApi(first), { mentor_id: 'm' })
      done(await restApi(first).shared(token))
      await first.stop()
      const second = await startServer(own, { clock: still })
      expect(await viewsOf(restApi(second), token, 'm')).toBe(1)
      await second.stop()
    } finally {
      await own.drop()
    }
  })

  test.concurrent('views that the store could not take are saved later, and the failure is logged once', async () => {
    const own = await newDatabase()
    let failures = 2
    const failing = await startServer(own, {
      clock: still,
      store: store =>
        intercepting(store, {
          views: {
            addViews: (...args) =>
              failures-- > 0 ? Promise.reject(new Error('the store is away')) : store.views.addViews(...args),
          },
        }),
    })
    try {
      const api = restApi(failing)
      const { token } = await shared(api, { mentor_id: 'm' })
      done(await api.shared(token))
      for (let i = 0; i < 3; i++) await failing.viewCounter.save()
      expect(await viewsOf(api, token, 'm')).toBe(1)
      expect(failing.log.filter(({ msg }) => /view counts/.test(msg))).toHaveLength(1)
    } finally {
      await failing.stop()
      await own.drop()
    }
  })
})
