import type { Page } from 'playwright-core'
import { figures } from '../../db/every-kind'
import { failing, failingAtTimes } from '../../support/changes'
import { describePages, violations } from '../../support/pages'
import { serving } from '../../support/server'
import { keyFile, madeKey } from '../../support/service-keys'
import { noon, secondsAfter, stored } from '../../support/sessions'
import { embeddedDatabase } from '../../support/stores'
import { openHistory, wordsOf } from '../../support/views'

const school = { organisation_id: 'Oak School' }
const latest = { currency: 'GBP', cost_per_hour: 31.5, value_source: 'ASHE 2025' }
const march = '2026-03-03T12:00:00.000Z'

/** Types a number in the first turn of the event loop after the page has read the proposed values. */
const typeWhenProposed = `
  const json = Response.prototype.json
  Response.prototype.json = async function () {
    const body = await json.call(this)
    if (body.data?.sessions?.nodes?.some(({ result }) => result?.inputs.costPerHour === 31.5)) setTimeout(() => {
      const field = document.querySelector('input[name=sessions]')
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, '10')
      field.dispatchEvent(new InputEvent('input', { bubbles: true }))
      field.title = 'typed'
    })
    return body
  }`

describePages('the values that a new calculation begins with', pages => {
  const server = serving(embeddedDatabase, { calculator: failingAtTimes })

  beforeAll(async () => {
    await stored(
      server.store,
      { ...school, session_id: 'older' },
      [figures({ currency: 'EUR' })],
      secondsAfter(march, -60),
    )
    await stored(server.store, { ...school, session_id: 'latest', mentor_id: 'ann' }, [figures(latest)], march)
    await server.sessions.dispatch('older', { event: 'ShareRequested' })
    await stored(server.store, { session_id: 'alone', mentor_id: 'bob' }, [figures({ cost_per_hour: 12 })], march)
  })

  const field = (page: Page, name: string) => page.getByLabel(name, { exact: true })
  const note = (page: Page, of: string) =>
    page.getByText(`Filled in from ${of}’s latest result, 3 Mar 2026. Nothing is saved yet.`)
  const started = async (who: { mentor_id: string; organisation_id?: string }): Promise<string> =>
    (await server.sessions.start(who)).session.session_id
  const opened = (id: string): Promise<Page> => pages.page(`${server.url}/sessions/${id}`)
  const valuesOf = (page: Page): Promise<string[]> =>
    Promise.all(
      ['Number of sessions', 'Value per hour', 'Currency', 'Source of the value per hour'].map(name =>
        field(page, name).inputValue(),
      ),
    )

  test('are those of the organisation’s latest result, say so, and are saved only with the result', async () => {
    const id = await started({ mentor_id: 'carl', ...school })
    const page = await opened(id)
    await note(page, 'Oak School').waitFor()
    expect(await valuesOf(page)).toEqual(['', '31.5', 'GBP', 'ASHE 2025'])
    expect(await page.evaluate('JSON.stringify({ ...sessionStorage })')).toBe('{}')
    expect((await server.sessions.queries.get(id)).version).toBe(1)
    await field(page, 'Number of sessions').fill('10')
    await field(page, 'Average length').fill('60')
    await field(page, 'Cost per session').fill('5')
    await field(page, 'Value per hour').fill('32')
    await page.getByRole('button', { name: 'Calculate', exact: true }).click()
    await page.getByTestId('result-net').getByText('£270.00').waitFor()
    expect((await server.sessions.queries.get(id)).result?.inputs).toEqual({
      sessions: 10,
      avg_minutes: 60,
      cost_per_session: 5,
      cost_per_hour: 32,
      currency: 'GBP',
      value_source: 'ASHE 2025',
    })
    await note(page, 'Oak School').waitFor({ state: 'detached' })
    await server.sessions.close(id)
  })

  test('never replace what the user types when they arrive', async () => {
    const page = await pages.page(`${server.url}/healthz`)
    await page.addInitScript(typeWhenProposed)
    await page.goto(`${server.url}/sessions/${await started({ mentor_id: 'carl', ...school })}`)
    await page.getByTitle('typed').waitFor()
    // Two frames: effects run after the next one.
    await page.evaluate(
      'new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))',
    )
    expect(await field(page, 'Number of sessions').inputValue()).toBe('10')
  })

  test('are cleared by one button, which keeps what the user typed', async () => {
    const page = await opened(await started({ mentor_id: 'carl', ...school }))
    await note(page, 'Oak School').waitFor()
    await field(page, 'Number of sessions').fill('10')
    await page.getByText('Name, currency, source').click()
    await field(page, 'Currency').fill('USD')
    await page.getByRole('button', { name: 'Clear', exact: true }).click()
    expect(await valuesOf(page)).toEqual(['10', '', 'USD', ''])
    await note(page, 'Oak School').waitFor({ state: 'detached' })
    expect(await page.evaluate('document.activeElement.name')).toBe('costPerHour')
  })

  test('are those of the mentor, if the organisation has no result', async () => {
    const page = await opened(await started({ mentor_id: 'bob', organisation_id: 'New School' }))
    await note(page, 'bob').waitFor()
    expect(await valuesOf(page)).toEqual(['', '12', '', ''])
    const other = await opened(await started({ mentor_id: 'nobody' }))
    await other.locator('form.calculator').waitFor()
    expect(await valuesOf(other)).toEqual(['', '', '', ''])
  })

  test('are no conflict after the first calculation failed: the user saves again', async () => {
    const id = await started({ mentor_id: 'carl', ...school })
    const page = await opened(id)
    await note(page, 'Oak School').waitFor()
    await field(page, 'Number of sessions').fill(String(failing))
    await field(page, 'Average length').fill('60')
    await field(page, 'Cost per session').fill('5')
    await page.getByRole('button', { name: 'Calculate', exact: true }).click()
    await page.getByText('The server couldn’t calculate this', { exact: false }).waitFor()
    expect(await page.getByText('This changed while you were editing').count()).toBe(0)
    await field(page, 'Number of sessions').fill('10')
    await page.getByRole('button', { name: 'Calculate', exact: true }).click()
    await page.getByTestId('result-net').waitFor()
    await server.sessions.close(id)
  })

  test('are no input of the user after the first calculation of another user failed', async () => {
    const id = await started({ mentor_id: 'carl', ...school })
    const page = await opened(id)
    await note(page, 'Oak School').waitFor()
    await server.sessions.dispatch(id, figures({ sessions: failing }))
    await page.locator('.chip').getByText('Failed').waitFor()
    expect(await valuesOf(page)).toEqual(['', '31.5', 'GBP', 'ASHE 2025'])
    expect(await page.getByText('not saved', { exact: true }).count()).toBe(0)
    expect(await page.evaluate('JSON.stringify({ ...sessionStorage })')).toBe('{}')
    await server.sessions.close(id)
  })

  test('do not replace what the user typed before they were there', async () => {
    const id = await started({ mentor_id: 'carl', ...school })
    const page = await pages.page(`${server.url}/docs`)
    let answer = (): void => {}
    const isTyped = new Promise<void>(resolve => {
      answer = resolve
    })
    const isRead = page.waitForResponse(response => Boolean(response.request().postData()?.includes('LatestResults')))
    await page.route('**/graphql', async route => {
      if (route.request().postDataJSON().query.includes('LatestResults')) await isTyped
      await route.fallback()
    })
    await page.goto(`${server.url}/sessions/${id}`)
    await field(page, 'Value per hour').fill('9')
    answer()
    await isRead
    await page
      .getByText('not saved')
      .or(page.getByRole('region', { name: 'History' }))
      .first()
      .waitFor()
    expect(await valuesOf(page)).toEqual(['', '9', '', ''])
  })

  test('are not proposed after a result was cleared: its numbers stay', async () => {
    const id = await started({ mentor_id: 'carl', ...school })
    await server.sessions.dispatch(id, figures({ sessions: 3, cost_per_hour: 8 }))
    await server.sessions.dispatch(id, { event: 'ResetRequested' })
    const page = await opened(id)
    await (await openHistory(page)).getByText('Result and links cleared').waitFor()
    await note(page, 'Oak School').waitFor({ state: 'detached' })
    expect(await field(page, 'Currency').inputValue()).toBe('')
    await server.sessions.close(id)
  })

  test.each(['de-DE', 'fr-FR'])('say where they are from in the user’s language: %s', async locale => {
    const words = wordsOf(locale)
    const page = await pages.page(`${server.url}/sessions/${await started({ mentor_id: 'carl', ...school })}`, {
      locale,
    })
    const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(new Date(march))
    await page.getByText(words.proposal.from('Oak School', date).join('')).waitFor()
    expect(await violations(page)).toEqual([])
  })
})

describePages('a reader who opens a new calculation', pages => {
  const reader = madeKey({ name: 'Rea Reader' })
  const server = serving(embeddedDatabase, { config: keyFile(reader).config })

  test('gets no values, because it can save none', async () => {
    const who = { organisation_id: 'org_1', mentor_id: 'ann' }
    await stored(server.store, { ...who, session_id: 'done' }, [figures(latest)], noon)
    await stored(server.store, { ...who, session_id: 'fresh' })
    const page = await pages.page(`${server.url}/sessions/fresh`)
    const asked: string[] = []
    page.on('request', request => asked.push(request.postData() ?? ''))
    await page.getByLabel('Service key').fill(reader.key)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.locator('form.calculator').waitFor()
    expect(await page.getByLabel('Value per hour', { exact: true }).inputValue()).toBe('')
    expect(asked.filter(body => body.includes('LatestResults'))).toEqual([])
  })
})
