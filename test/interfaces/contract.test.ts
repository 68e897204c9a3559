import { readFileSync } from 'node:fs'
import { contract, copy, endpoint } from '../support/contract'
import { base, done, graphqlApi, overInterfaces, type SessionBody } from '../support/interfaces'
import { clockAt, serving } from '../support/server'
import { overStores } from '../support/stores'

const started = endpoint('POST', '')
const dispatched = endpoint('PUT', '/:session_id')
const inputs = dispatched.request?.payload as {
  sessions: number
  avg_minutes: number
  cost_per_session: number
  cost_per_hour: number
}

/** Returns a published response with this session's ids in place of its own. */
function withIds(response: object, { session_id, result_id }: SessionBody): object {
  const published = response as Partial<SessionBody>
  return { ...response, session_id, ...(published.result_id && { result_id }) }
}

overStores(({ newDatabase }) => {
  const clock = clockAt('2026-03-26T09:00:00Z')
  const server = serving(newDatabase, { clock })

  overInterfaces(server, api => {
    test('the published requests get the published responses, from start to close', async () => {
      clock.set('2026-03-26T09:00:00Z')
      const start = done(await api.start(started.request as { mentor_id: string }))
      expect(start.session).toEqual(withIds(started.response, start.session))
      expect(start.session.session_id).toMatch(/^session_[0-9a-f]{8}$/)

      clock.set('2026-03-26T09:15:00Z')
      const { session_id } = start.session
      const { session, version } = done(await api.dispatch(session_id, 'CalculateRequested', inputs))
      expect(session).toEqual(withIds(dispatched.response, session))
      expect(session.result_id).toMatch(/^calc_[0-9a-f]{8}$/)
      expect(version).toBe(3)

      expect(done(await api.get(session_id)).session).toEqual(
        withIds(endpoint('GET', '/:session_id').response, session),
      )
      const { data } = endpoint('GET', '').response as { data: SessionBody[] }
      const { sessions, total } = done(await api.list())
      expect({ sessions, total }).toEqual({ sessions: data.map(one => withIds(one, session)), total: 1 })

      const closed = done(await api.close(session_id))
      expect(closed).toEqual({ ok: true, ...endpoint('DELETE', '/:session_id').response, session_id })
      expect(done(await api.list())).toEqual({ ok: true, sessions: [], total: 0 })
    })
  })

  test.each([contract.base_path, contract.listed_path])(
    'under %s the REST responses equal the published ones, byte for byte',
    async path => {
      const call = async (method: string, at: string, body?: unknown): Promise<string> => {
        const headers = { 'Content-Type': 'application/json' }
        const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }
        return (await fetch(server.url + path + at, init)).text()
      }
      const text = (response: object, of: SessionBody): string => JSON.stringify(withIds(response, of))

      clock.set('2026-03-26T09:00:00Z')
      const start = await call('POST', '', started.request)
      expect(start).toBe(text(started.response, JSON.parse(start)))
      const { session_id } = JSON.parse(start) as SessionBody
      clock.set('2026-03-26T09:15:00Z')
      const put = await call('PUT', `/${session_id}`, dispatched.request)
      const session = JSON.parse(put) as SessionBody
      expect(put).toBe(text(dispatched.response, session))
      expect(await call('GET', `/${session_id}`)).toBe(text(endpoint('GET', '/:session_id').response, session))
      const list = endpoint('GET', '').response as { data: object[]; pagination: object }
      const shown = { data: list.data.map(one => withIds(one, session)), pagination: list.pagination }
      expect(await call('GET', '')).toBe(JSON.stringify(shown))
      expect(await call('DELETE', `/${session_id}`)).toBe(JSON.stringify({ deleted: true, session_id }))
    },
  )

  test('a session is found under both spellings of the path', async () => {
    const { session_id } = done(await graphqlApi(server).start({ mentor_id: 'm' })).session
    for (const path of [contract.base_path, contract.listed_path]) {
      const response = await fetch(`${server.url}${path}/${session_id}`)
      expect(response.status).toBe(200)
    }
    done(await graphqlApi(server).close(session_id))
  })
})

test("the contract's base path is the one that the test clients use", () => {
  expect(JSON.parse(readFileSync(copy, 'utf8')).base_path).toBe(base)
})
