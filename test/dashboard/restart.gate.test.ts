import type { Page } from 'playwright-core'
import { type App, serve } from '../../src/app'
import { configOf } from '../../src/startup/config'
import { describePages } from '../support/pages'
import { freePort } from '../support/port'
import { quiet, stored } from '../support/sessions'
import { embeddedDatabase, type TestDatabase } from '../support/stores'
import { openHistory } from '../support/views'

describePages('a page that loses its server', pages => {
  let port: number
  const databases: TestDatabase[] = []
  let app: App | undefined
  beforeEach(async () => {
    port = await freePort()
  })
  afterEach(async () => {
    await app?.stop()
    app = undefined
    await Promise.all(databases.splice(0).map(database => database.drop()))
  })

  const newDatabase = async (): Promise<TestDatabase> => {
    const made = await embeddedDatabase()
    databases.push(made)
    return made
  }
  const start = async (at: TestDatabase, on = port): Promise<App> =>
    serve({ config: { ...configOf({}), PORT: on }, log: quiet, store: await at.open() })

  const state = (page: Page) => page.locator('.connection')

  /** Records the cursors with which the page subscribes to the feed, and the latest one that the feed has sent. */
  function cursorsOf(page: Page) {
    const cursors = { asked: [] as (string | null)[], latest: '' }
    page.on('websocket', socket => {
      socket.on('framesent', ({ payload }) => {
        const { type, payload: said } = JSON.parse(String(payload))
        if (type === 'subscribe' && said.query.includes('FeedReady')) cursors.asked.push(said.variables.after)
      })
      socket.on('framereceived', ({ payload }) => {
        cursors.latest = JSON.parse(String(payload)).payload?.data?.feed?.cursor ?? cursors.latest
      })
    })
    return cursors
  }

  async function many(sessions: App['useCases']['sessions'], mentor_id: string, count: number): Promise<string[]> {
    const ids: string[] = []
    for (let i = 0; i < count; i++) ids.push((await sessions.start({ mentor_id })).session.session_id)
    return ids
  }

  test('resumes after its cursor without loss, and says how much it caught up with', async () => {
    const at = await newDatabase()
    app = await start(at)
    const [first = '', second = ''] = await many(app.useCases.sessions, 'before', 2)
    const page = await pages.page(app.url)
    const cursors = cursorsOf(page)
    await page.reload()
    await page.locator(`[data-id="${first}"]`).waitFor()
    await app.useCases.sessions.dispatch(first, { event: 'ResetRequested' })
    const third = (await many(app.useCases.sessions, 'seen', 1))[0] ?? ''
    await page.locator(`[data-id="${third}"]`).waitFor()
    const cursor = cursors.latest

    await app.stop()
    await state(page).getByText('Reconnecting').waitFor()
    // Meanwhile a server on another port makes a start, a calculation (two transitions) and a close.
    const elsewhere = await start(at, 0)
    const [fourth = ''] = await many(elsewhere.useCases.sessions, 'missed', 1)
    const payload = { sessions: 25, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30 }
    await elsewhere.useCases.sessions.dispatch(first, { event: 'CalculateRequested', payload })
    await elsewhere.useCases.sessions.close(second)
    await elsewhere.stop()

    app = await start(at)
    await state(page).getByText('caught up on 4 changes').waitFor()
    expect(cursors.asked).toEqual([null, cursor])
    await page.locator(`[data-id="${fourth}"]`).waitFor()
    await page.locator(`[data-id="${first}"]`).getByText('375.00').waitFor()
    expect(await page.locator(`[data-id="${second}"]`).count()).toBe(0)
    await page.getByTestId('netBenefit').getByText('287.50').waitFor()
    await page.getByTestId('session-count').getByText('3', { exact: true }).waitFor()
  })

  test('resumes with an open session too', async () => {
    const at = await newDatabase()
    app = await start(at)
    const [id = ''] = await many(app.useCases.sessions, 'm', 1)
    const page = await pages.page(`${app.url}/sessions/${id}`)
    const history = await openHistory(page)
    await app.stop()
    await state(page).getByText('Reconnecting').waitFor()
    const elsewhere = await start(at, 0)
    const payload = { sessions: 25, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30 }
    await elsewhere.useCases.sessions.dispatch(id, { event: 'CalculateRequested', payload })
    await elsewhere.stop()
    app = await start(at)
    await history.getByRole('listitem').filter({ hasText: 'Calculated' }).waitFor()
    await page.getByText('4.29 for every 1.00 spent').waitFor()
    expect(await history.getByRole('listitem').count()).toBe(2)
  })

  test('reloads everything if its cursor is refused, and says so', async () => {
    app = await start(await newDatabase())
    const [former = '', kept = ''] = await many(app.useCases.sessions, 'former', 2)
    const page = await pages.page(app.url)
    const cursors = cursorsOf(page)
    await page.reload()
    for (const id of [former, kept]) await page.locator(`[data-id="${id}"]`).getByRole('checkbox').click()
    await page.getByText('2 selected', { exact: true }).waitFor()
    await app.stop()

    // Another database has another history, so the cursor is unknown.
    const other = await newDatabase()
    const elsewhere = await start(other, 0)
    const [present = ''] = await many(elsewhere.useCases.sessions, 'present', 1)
    await elsewhere.stop()
    const store = await other.open()
    await stored(store, { session_id: kept })
    await store.end()
    app = await start(other)
    await state(page).getByText('reloaded after a gap').waitFor()
    await page.locator(`[data-id="${present}"]`).waitFor()
    expect(await page.locator(`[data-id="${former}"]`).count()).toBe(0)
    await page.getByText('1 selected', { exact: true }).waitFor()
    expect(await page.locator(`[data-id="${kept}"]`).getByRole('checkbox').isChecked()).toBe(true)
    expect(cursors.asked).toEqual([null, expect.any(String)])
    await page.getByTestId('session-count').getByText('2', { exact: true }).waitFor()
    await many(app.useCases.sessions, 'later', 1)
    await page.getByTestId('session-count').getByText('3', { exact: true }).waitFor()
  })
})
