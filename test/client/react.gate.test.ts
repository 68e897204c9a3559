import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Page } from 'playwright-core'
import { describePages } from '../support/pages'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { until } from '../support/until'
import { bundled } from './bundled'

const waitMs = 30_000

interface Selection {
  mentorId?: string
  id?: string
  isEmpty?: boolean
}

describePages('the hooks for React', pages => {
  const server = serving(embeddedDatabase)
  let code: string
  let page: Page
  let sockets: { isClosed(): boolean }[]
  beforeAll(async () => {
    code = await bundled(join(__dirname, '../../../test/client/react-page.jsx'), 'development')
  })
  beforeEach(async () => {
    // A page without the dashboard, which has a socket of its own.
    page = await pages.page(`${server.url}/healthz`)
    sockets = []
    page.on('websocket', socket => sockets.push(socket))
  })

  async function show(selection: Selection): Promise<void> {
    await page.evaluate(code)
    await page.evaluate(`page.show(${JSON.stringify(selection)})`)
  }

  const read = async (hook: string): Promise<Record<string, unknown>> =>
    JSON.parse(String(await page.evaluate(`document.querySelector('#${hook}')?.textContent ?? 'null'`)))

  /** Waits until a hook has this state. */
  async function shows(hook: string, expected: object): Promise<void> {
    let last: unknown
    await until(
      async () => {
        last = await read(hook)
        return isDeepStrictEqual(last, expected)
      },
      waitMs,
      () => `${hook}: ${JSON.stringify(expected)}, not ${JSON.stringify(last)}`,
    )
  }

  const live = { isLoading: false, isLive: true, error: null }
  const start = async (mentor_id: string): Promise<string> =>
    (await server.sessions.start({ mentor_id })).session.session_id

  test('show the data as it is, and each change', async () => {
    const id = await start('one')
    await show({ mentorId: 'one', id })
    await shows('sessions', { ...live, mentors: ['one'] })
    await shows('session', { ...live, state: 'INITIAL' })
    await start('one')
    await shows('sessions', { ...live, mentors: ['one', 'one'] })
    await server.sessions.close(id)
    await shows('session', { ...live, isLive: false, state: 'CLOSED' })
    await shows('sessions', { ...live, mentors: ['one'] })
  })

  test('load what another selection selects, and report an error', async () => {
    const id = await start('first')
    await start('second')
    await show({ mentorId: 'first', id })
    await shows('sessions', { ...live, mentors: ['first'] })
    await page.evaluate("select({ mentorId: 'second', id: 'session_none' })")
    await shows('sessions', { ...live, mentors: ['second'] })
    await shows('session', { isLoading: false, isLive: false, error: 'SESSION_NOT_FOUND', state: null })
  })

  test('keep the data while the connection is lost, and then show what was missed', async () => {
    await start('offline')
    await show({ mentorId: 'offline', id: await start('other') })
    await shows('sessions', { ...live, mentors: ['offline'] })
    await page.context().setOffline(true)
    await shows('sessions', { ...live, isLive: false, mentors: ['offline'] })
    await start('offline')
    await page.context().setOffline(false)
    await shows('sessions', { ...live, mentors: ['offline', 'offline'] })
  })

  test('render at most once per frame, however much changes', async () => {
    const id = await start('many')
    await show({ mentorId: 'many', id })
    await shows('sessions', { ...live, mentors: ['many'] })
    await shows('session', { ...live, state: 'INITIAL' })
    await page.evaluate('Object.assign(page.counts, { commits: 0, frames: 0 })')
    const changes = 500
    await Promise.all(Array.from({ length: changes }, () => start('many')))
    await until(async () => (await page.evaluate('count')) === changes + 1, waitMs, 'all changes')
    const { commits, frames } = (await page.evaluate('page.counts')) as { commits: number; frames: number }
    // The frame before the first that is counted may have a commit.
    expect(commits).toBeLessThanOrEqual(frames + 1)
    expect(commits).toBeLessThan(changes)
  })

  test('work without requestAnimationFrame', async () => {
    await page.evaluate('delete globalThis.requestAnimationFrame')
    expect(await page.evaluate('typeof requestAnimationFrame')).toBe('undefined')
    const id = await start('timer')
    await show({ mentorId: 'timer', id })
    await shows('sessions', { ...live, mentors: ['timer'] })
  })

  test('use one socket, also in StrictMode, and close it when nothing shows them', async () => {
    const id = await start('strict')
    await show({ mentorId: 'strict', id })
    await shows('sessions', { ...live, mentors: ['strict'] })
    await shows('session', { ...live, state: 'INITIAL' })
    expect(sockets.filter(socket => !socket.isClosed())).toHaveLength(1)
    await page.evaluate('select({ isEmpty: true })')
    await until(() => sockets.every(socket => socket.isClosed()), waitMs, 'the end of the socket')
    await page.evaluate(`select(${JSON.stringify({ mentorId: 'strict', id })})`)
    await shows('sessions', { ...live, mentors: ['strict'] })
  })

  test('show a closed client as an error', async () => {
    await start('over')
    await page.evaluate(code)
    await page.evaluate('page.client.close()')
    await page.evaluate(`page.show(${JSON.stringify({ mentorId: 'over', id: 'session_1' })})`)
    await shows('sessions', { isLoading: false, isLive: false, error: 'ClientClosedError', mentors: [] })
  })
})
