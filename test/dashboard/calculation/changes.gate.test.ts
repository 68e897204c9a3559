import type { Page, Route, WebSocketRoute } from 'playwright-core'
import { describePages, violations } from '../../support/pages'
import { serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'
import { until } from '../../support/until'
import { chooseInMenu } from '../../support/views'

/** The number of drafts that dashboard/src/drafts.ts keeps. */
const draftsKept = 20

const payload = { sessions: 25, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30 }

describePages('a calculation changed by several users', pages => {
  const server = serving(embeddedDatabase)
  const sessionsHeld = (page: Page) => page.getByLabel('Number of sessions', { exact: true })
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
  const conflict = (page: Page) => page.getByRole('region', { name: 'This changed while you were editing' })

  /** Creates a session with a result. */
  async function calculated(mentor_id = 'ann'): Promise<string> {
    const { session } = await server.sessions.start({ mentor_id })
    await calculate(session.session_id, payload)
    return session.session_id
  }
  const calculate = (id: string, payload: object) =>
    server.sessions.dispatch(id, { event: 'CalculateRequested', payload })
  const held = async (id: string) => (await server.sessions.queries.get(id)).result?.inputs.sessions
  const opened = async (id: string): Promise<Page> => {
    const page = await pages.page(`${server.url}/sessions/${id}`)
    await page.getByTestId('result-net').getByText('287.50').waitFor()
    return page
  }

  /** Records the inputs of an operation in requests from now on. */
  function asked(page: Page, operation: string): Record<string, unknown>[] {
    const inputs: Record<string, unknown>[] = []
    page.on('request', request => {
      const said = request.method() === 'POST' ? request.postDataJSON() : null
      if (said?.query.startsWith(`mutation ${operation}`)) inputs.push(said.variables.input)
    })
    return inputs
  }

  const isOf = (route: Route, operation: string): boolean =>
    route.request().method() === 'POST' && route.request().postDataJSON().query.startsWith(`mutation ${operation}`)

  test('if another user changes the same field, the page asks about it only, and overwrites nothing unseen', async () => {
    const id = await calculated()
    const page = await opened(id)
    const inputs = asked(page, 'Dispatch')
    await sessionsHeld(page).fill('50')
    await calculate(id, { ...payload, sessions: 30, label: 'Spring' })
    await conflict(page).getByText('Someone else saved other numbers').waitFor()
    const rows = conflict(page).getByRole('row')
    expect(await rows.allInnerTexts()).toEqual([
      expect.stringMatching(/^Field\s+Saved\s+Yours$/),
      expect.stringMatching(/^Number of sessions\s+30\s+50$/),
    ])
    await sessionsHeld(page).press('Enter')
    expect(await conflict(page).evaluate('document.activeElement?.className')).toBe('conflict')
    expect(inputs).toEqual([])

    await button(page, 'Keep mine').click()
    await conflict(page).waitFor({ state: 'detached' })
    await page.getByText(/^Someone else changed Name of this calculation \(/).waitFor()
    await button(page, 'Save result').click()
    await page.getByText('not saved', { exact: true }).waitFor({ state: 'detached' })
    expect((await server.sessions.queries.get(id)).result?.inputs).toEqual({
      ...payload,
      sessions: 50,
      label: 'Spring',
    })
    expect(inputs).toEqual([expect.objectContaining({ expectedVersion: 5 })])

    await sessionsHeld(page).fill('51')
    await calculate(id, { ...payload, sessions: 31 })
    await button(page, 'Use theirs').click()
    expect(await sessionsHeld(page).inputValue()).toBe('31')
    expect(await button(page, 'Save result').getAttribute('aria-disabled')).toBe('true')
  })

  test('fields that only one user changed are merged, which the page says', async () => {
    const id = await calculated()
    const page = await opened(id)
    await sessionsHeld(page).fill('50')
    await page.getByText('not saved', { exact: true }).waitFor()
    await calculate(id, { ...payload, avg_minutes: 40, label: 'Spring' })
    await page.getByText(/^Someone else changed Average length and Name of this calculation \(/).waitFor()
    expect(await conflict(page).count()).toBe(0)
    expect(await sessionsHeld(page).inputValue()).toBe('50')
    expect(await page.getByLabel('Average length', { exact: true }).inputValue()).toBe('40')
    await button(page, 'Save result').click()
    await page.getByText('not saved', { exact: true }).waitFor({ state: 'detached' })
    const { result } = await server.sessions.queries.get(id)
    expect(result?.inputs).toEqual({ ...payload, sessions: 50, avg_minutes: 40, label: 'Spring' })
    expect(await page.locator('.merge').count()).toBe(0)
  })

  test('assumptions that only one user changed are merged, and those that both changed are asked about', async () => {
    const id = await calculated()
    const page = await opened(id)
    await sessionsHeld(page).fill('50')
    await page.getByText('not saved', { exact: true }).waitFor()
    await calculate(id, { ...payload, note: 'Preparation counts.\nTravel does not.' })
    await page.getByText(/^Someone else changed Assumptions \(/).waitFor()
    expect(await conflict(page).count()).toBe(0)
    const note = page.getByLabel('Assumptions', { exact: true })
    expect(await note.inputValue()).toBe('Preparation counts.\nTravel does not.')
    await button(page, 'Save result').click()
    await page.getByText('not saved', { exact: true }).waitFor({ state: 'detached' })
    const merged = { ...payload, sessions: 50, note: 'Preparation counts.\nTravel does not.' }
    expect((await server.sessions.queries.get(id)).result?.inputs).toEqual(merged)

    await page.getByText('Name, currency, source').click()
    await note.fill('Travel counts.')
    await calculate(id, { ...merged, sessions: 51, note: 'Nothing else counts.' })
    await conflict(page).waitFor()
    expect(await conflict(page).getByRole('row').last().allInnerTexts()).toEqual([
      expect.stringMatching(/^Assumptions\s+Nothing else counts\.\s+Travel counts\.$/),
    ])
    await button(page, 'Keep mine').click()
    await conflict(page).waitFor({ state: 'detached' })
    await button(page, 'Save result').click()
    await page.getByText('not saved', { exact: true }).waitFor({ state: 'detached' })
    const { result } = await server.sessions.queries.get(id)
    expect(result?.inputs).toEqual({ ...payload, sessions: 51, note: 'Travel counts.' })
  })

  test('a decision about one field keeps what each user changed in the others', async () => {
    const id = await calculated()
    const page = await opened(id)
    await sessionsHeld(page).fill('50')
    await page.getByLabel('Cost per session', { exact: true }).fill('4')
    await page.getByText('not saved').waitFor()
    await calculate(id, { ...payload, sessions: 30, cost_per_hour: 33 })
    await button(page, 'Use theirs').click()
    await conflict(page).waitFor({ state: 'detached' })
    await page.getByText(/^Someone else changed Value per hour \(/).waitFor()
    await button(page, 'Save result').click()
    await page.getByText('not saved', { exact: true }).waitFor({ state: 'detached' })
    const { result } = await server.sessions.queries.get(id)
    expect(result?.inputs).toEqual({ ...payload, sessions: 30, cost_per_session: 4, cost_per_hour: 33 })
  })

  test('a save based on an outdated version is refused, even if the page does not know of the newer one', async () => {
    const id = await calculated()
    const page = await opened(id)
    await sessionsHeld(page).fill('50')
    await page.route('**/graphql', async route => {
      if (isOf(route, 'Dispatch')) await calculate(id, { ...payload, sessions: 30 })
      await route.continue()
    })
    await button(page, 'Save result').click()
    await conflict(page).waitFor()
    expect(await held(id)).toBe(30)
  })

  test('a change that leaves the numbers alone is no conflict with typed numbers', async () => {
    const id = await calculated()
    const page = await opened(id)
    await sessionsHeld(page).fill('50')
    await server.sessions.dispatch(id, { event: 'ShareRequested' })
    await page.getByText('1 share link', { exact: true }).waitFor()
    await page.getByRole('status').getByText('Shared in another window.').waitFor()
    await button(page, 'Save result').click()
    await page.getByText('not saved', { exact: true }).waitFor({ state: 'detached' })
    expect(await held(id)).toBe(50)
  })

  test('unsaved numbers and their base version survive navigation and reload until they are saved', async () => {
    const id = await calculated()
    const page = await opened(id)
    await sessionsHeld(page).fill('50')
    await page.getByRole('link', { name: 'Back to the list' }).first().click()
    await page.locator(`[data-id="${id}"] a`).click()
    await page.getByText('not saved').waitFor()
    expect(await sessionsHeld(page).inputValue()).toBe('50')
    await page.reload()
    await page.getByText('not saved').waitFor()
    expect(await sessionsHeld(page).inputValue()).toBe('50')

    await page.goto(server.url)
    await calculate(id, { ...payload, sessions: 30 })
    await page.goBack()
    await conflict(page).waitFor()
    await button(page, 'Keep mine').click()
    await button(page, 'Save result').click()
    await page.getByText('not saved', { exact: true }).waitFor({ state: 'detached' })
    expect(await page.evaluate('Object.keys(sessionStorage)')).toEqual([])
  })

  test(`drafts of the last ${draftsKept} calculations are kept`, async () => {
    const id = await calculated()
    const page = await opened(id)
    const drafts = Array.from({ length: draftsKept }, (_, i) => [`session_${i}`, {}])
    await page.evaluate(`sessionStorage.setItem('drafts en-GB ', ${JSON.stringify(JSON.stringify(drafts))})`)
    await sessionsHeld(page).fill('50')
    const kept = "JSON.parse(sessionStorage.getItem('drafts en-GB ')).map(([id]) => id)"
    await until(async () => (await page.evaluate(`${kept}.at(-1)`)) === id, 60_000, 'the draft')
    expect(await page.evaluate(kept)).toEqual([...drafts.slice(1).map(([id]) => id), id])
  })

  test('a dialog starts one calculation, however often Enter is pressed and even if the response is lost', async () => {
    const page = await pages.page(server.url)
    const inputs = asked(page, 'Start')
    let lost = false
    await page.route('**/graphql', async route => {
      if (lost || !isOf(route, 'Start')) return route.continue()
      lost = true
      await route.fetch()
      await route.abort('connectionrefused')
    })
    await page.locator('header').getByRole('button', { name: 'Start a calculation' }).click()
    await page.getByLabel('Mentor', { exact: true }).last().fill('only-once')
    await page.evaluate(`(() => {
      const form = document.querySelector('dialog[open] form')
      for (let i = 0; i < 5; i++) form.requestSubmit()
    })()`)
    await page.getByRole('heading', { level: 1, name: 'only-once' }).waitFor()
    expect(inputs).toHaveLength(2)
    expect(inputs[0]).toEqual(inputs[1])
    expect(await server.sessions.queries.list({ mentor_id: 'only-once' }, { limit: 10 })).toHaveLength(1)
  })

  test('a save waits for an unreachable server, says so, and can be cancelled', async () => {
    const id = await calculated()
    const page = await opened(id)
    let away = true
    await page.route('**/graphql', route =>
      away && isOf(route, 'Dispatch') ? route.abort('connectionrefused') : route.continue(),
    )
    const waits = page.getByText('Your result will be saved as soon as it’s back.')
    await sessionsHeld(page).fill('50')
    await button(page, 'Save result').click()
    await waits.waitFor()
    await button(page, 'Don’t save').click()
    await waits.waitFor({ state: 'detached' })
    await button(page, 'Save result').click()
    await waits.waitFor()
    await sessionsHeld(page).fill('51')
    await waits.waitFor({ state: 'detached' })
    const inputs = asked(page, 'Dispatch')
    await button(page, 'Save result').click()
    await waits.waitFor()
    away = false
    await page.getByText('not saved', { exact: true }).waitFor({ state: 'detached' })
    expect(await held(id)).toBe(51)
    expect((await server.sessions.queries.get(id)).version).toBe(5)
    expect(new Set(inputs.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1)
  })

  test('a save against a server that does not answer says so before it counts as unreachable, and can be cancelled', async () => {
    const id = await calculated()
    const page = await opened(id)
    await page.route('**/graphql', route => (isOf(route, 'Dispatch') ? undefined : route.continue()))
    await sessionsHeld(page).fill('50')
    await button(page, 'Save result').click()
    await page.getByRole('status').getByText('Saving. The server hasn’t answered yet.').waitFor({ timeout: 4_500 })
    await button(page, 'Don’t save').click()
    await page.getByText('Saving. The server hasn’t answered yet.').waitFor({ state: 'detached' })
    expect(await sessionsHeld(page).inputValue()).toBe('50')
    expect(await button(page, 'Save result').getAttribute('aria-disabled')).toBe('false')
  })

  test('sharing waits for an unreachable server, says so, and can be cancelled', async () => {
    const id = await calculated()
    const page = await opened(id)
    const link = page.getByLabel('Link to the shared result')
    const waits = page.getByText('We can’t reach the server. We’ll make this change as soon as it’s back.')
    await button(page, 'Share result').click()
    await button(page, 'Create link').waitFor()
    await page.context().setOffline(true)
    await button(page, 'Create link').click()
    await waits.waitFor({ timeout: 5_000 })
    await button(page, 'Cancel').click()
    await waits.waitFor({ state: 'detached' })
    await button(page, 'Create link').click()
    await waits.waitFor()
    await page.context().setOffline(false)
    await link.waitFor()
    await waits.waitFor({ state: 'detached' })
    expect((await server.sessions.queries.get(id)).version).toBe(4)
    pages.complaints()
  })

  test('a calculation opens with outlines, says what to do if the server is away or slow, and then opens by itself', async () => {
    const id = await calculated()
    for (const hold of [(route: Route) => route.abort('connectionrefused'), () => {}]) {
      const page = await pages.page(`${server.url}/import`)
      const isQuery = (route: Route) => Boolean(route.request().postDataJSON()?.query.startsWith('query Session('))
      const held: Route[] = []
      let isAway = true
      await page.route('**/graphql', async route => {
        if (!isAway || !isQuery(route)) return route.continue()
        held.push(route)
        await hold(route)
      })
      await page.goto(`${server.url}/sessions/${id}`)
      await page.locator('.outlines').waitFor()
      await page.getByRole('status').getByText('Check your internet connection.').waitFor()
      expect(await violations(page)).toEqual([])
      isAway = false
      for (const route of held) await route.continue().catch(() => {})
      await page.getByTestId('result-net').getByText('287.50').waitFor()
      expect(await page.locator('.outlines').count()).toBe(0)
      await page.context().close()
    }
  })

  test('a message about a failed action stays until the server is reachable again', async () => {
    const id = await calculated()
    const sockets: WebSocketRoute[] = []
    const page = await pages.page(server.url)
    await page.routeWebSocket(/graphql/, socket => {
      socket.connectToServer()
      sockets.push(socket)
    })
    await page.route('**/graphql', route =>
      isOf(route, 'Dispatch') ? route.abort('connectionrefused') : route.continue(),
    )
    await page.goto(`${server.url}/sessions/${id}`)
    await chooseInMenu(page, 'Clear result and links')
    await page.getByRole('dialog').getByRole('button', { name: 'Clear result and links' }).click()
    const refusal = page.getByRole('alert').getByText('We can’t reach the server right now.')
    await refusal.waitFor()
    for (const socket of sockets) await socket.close()
    await refusal.waitFor({ state: 'detached' })
  })

  test('a reset says what it ends, can be cancelled, and leaves the numbers in the form', async () => {
    const id = await calculated()
    await server.sessions.dispatch(id, { event: 'ShareRequested' })
    const page = await opened(id)
    await page.getByText('1 share link', { exact: true }).waitFor()
    await chooseInMenu(page, 'Clear result and links')
    const dialog = page.getByRole('dialog', { name: 'Clear the result and share links?' })
    expect(await dialog.getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringContaining('a net benefit of 287.50'),
      expect.stringContaining('1 share link'),
    ])
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'hidden' })
    expect(await held(id)).toBe(25)
    await chooseInMenu(page, 'Clear result and links')
    await dialog.getByRole('button', { name: 'Clear result and links' }).click()
    await page.getByText('not saved').waitFor()
    expect(await page.evaluate('document.activeElement?.tagName')).toBe('H1')
    expect(await sessionsHeld(page).inputValue()).toBe('25')
    expect(await held(id)).toBeUndefined()
    await button(page, 'More').click()
    for (const name of ['Clear result and links', 'Start a similar one', 'Try again', 'Share result'])
      expect(await button(page, name).count()).toBe(0)
  })

  test('if the calculation changes under the confirmation, it is shown again before it is closed', async () => {
    const id = await calculated()
    const page = await opened(id)
    await chooseInMenu(page, 'Delete calculation')
    const dialog = page.getByRole('dialog', { name: 'Delete this calculation?' })
    await calculate(id, { ...payload, sessions: 30 })
    await dialog.getByText('has just changed').waitFor()
    await dialog.getByText('345.00').waitFor()
    await dialog.getByText(/^Mentor ann, started/).waitFor()
    await dialog.getByRole('button', { name: 'Delete calculation' }).click()
    await dialog.getByRole('alert').waitFor()
    expect(await held(id)).toBe(30)
    await dialog.getByRole('button', { name: 'Delete calculation' }).click()
    await page.getByRole('heading', { name: 'All calculations' }).waitFor()
    await expect(server.sessions.queries.get(id)).rejects.toThrow()
  })

  test('a calculation and its page are titled by its label, otherwise by mentor and organisation', async () => {
    const id = await calculated('bo')
    const page = await opened(id)
    await page.getByRole('heading', { level: 1, name: 'Calculation bo' }).waitFor()
    expect(await page.title()).toBe('bo – Mentoring benefit')
    await calculate(id, { ...payload, label: 'Autumn' })
    await page.getByRole('heading', { level: 1, name: 'Calculation Autumn' }).waitFor()
    await page.waitForFunction("document.title === 'Autumn – Mentoring benefit'")
  })

  test('a calculation that is closed before its page has both the calculation and its history is shown as deleted', async () => {
    const isQuery = (route: Route) => Boolean(route.request().postDataJSON()?.query.startsWith('query Session('))
    const deleted = (page: Page) => page.getByRole('alert').getByText('This calculation was deleted').waitFor()

    const unread = await calculated()
    const page = await pages.page(`${server.url}/import`)
    const { promise: closed, resolve: release } = Promise.withResolvers<void>()
    await page.route('**/graphql', async route => {
      if (isQuery(route)) await closed
      await route.continue()
    })
    const followed = new Promise<void>(resolve =>
      page.on('websocket', socket =>
        socket.on('framereceived', ({ payload }) => String(payload).includes('sessionTransitions') && resolve()),
      ),
    )
    await page.goto(`${server.url}/sessions/${unread}`)
    await followed
    await server.sessions.close(unread)
    await deleted(page)
    release()

    const unfollowed = await calculated()
    const other = await pages.page(`${server.url}/import`)
    const { promise: closedToo, resolve: follow } = Promise.withResolvers<void>()
    await other.routeWebSocket(/graphql/, socket => {
      const upstream = socket.connectToServer()
      socket.onMessage(async message => {
        if (String(message).includes('sessionTransitions')) await closedToo
        upstream.send(message)
      })
    })
    await other.goto(`${server.url}/sessions/${unfollowed}`)
    await other.getByTestId('result-net').getByText('287.50').waitFor()
    await server.sessions.close(unfollowed)
    follow()
    await deleted(other)
  })

  test('a closed or unknown calculation has a link home', async () => {
    const id = await calculated()
    const page = await opened(id)
    await server.sessions.close(id)
    await page.getByRole('alert').getByText('This calculation was deleted').waitFor()
    await page.goto(`${server.url}/sessions/session_none`)
    await page.getByRole('heading', { level: 1, name: 'This calculation doesn’t exist' }).waitFor()
    await page.locator('.missing-session').getByRole('link', { name: 'Back to the list' }).click()
    expect(new URL(page.url()).pathname).toBe('/')
  })
})
