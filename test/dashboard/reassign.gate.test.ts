import type { Page } from 'playwright-core'
import { describePages, type Pages, violations } from '../support/pages'
import { serving } from '../support/server'
import { keyFile, keysOfRoles } from '../support/service-keys'
import { embeddedDatabase } from '../support/stores'
import { chooseInMenu, openHistory, wordsOf } from '../support/views'

const row = (page: Page, id: string) => page.locator(`.rows [data-id="${id}"]`)
const bar = (page: Page) => page.getByRole('region', { name: 'Selected calculations' })
const dialog = (page: Page) => page.getByRole('dialog')
const mentor = (page: Page) => dialog(page).getByLabel('Mentor', { exact: true })
const organisation = (page: Page) => dialog(page).getByLabel('Organisation', { exact: true })
const press = (page: Page, name: string) => dialog(page).getByRole('button', { name, exact: true }).click()
const changes = (page: Page): Promise<string[]> => dialog(page).locator('.changes li').allTextContents()

async function listed(pages: Pages, url: string): Promise<Page> {
  const page = await pages.page(url)
  await page.getByText('Live', { exact: true }).waitFor()
  return page
}

/** Selects rows of the list and opens the dialog. */
async function reassigning(page: Page, ids: string[]): Promise<void> {
  for (const id of ids) await row(page, id).getByRole('checkbox').click()
  await bar(page).getByRole('button', { name: 'Change mentor or organisation' }).click()
  await page.locator('[name="mentorId"]:focus').waitFor()
}

describePages('the change of mentor or organisation', pages => {
  const server = serving(embeddedDatabase, { config: { SESSIONS_PER_MENTOR: 4 } })
  const start = async (mentor_id: string, organisation_id: string | null = null, external_id?: string) =>
    (await server.sessions.start({ mentor_id, organisation_id, ...(external_id && { external_id }) })).session
      .session_id
  const ownerOf = async (id: string): Promise<[string, string | null]> => {
    const { mentor_id, organisation_id } = await server.sessions.queries.get(id)
    return [mentor_id, organisation_id]
  }

  test('merges mentors in one step, and the rows move from one live list to another', async () => {
    const ids = [await start('Emma Smyth', 'Oak'), await start('Emma Smyth', 'Elm'), await start('E. Smith', 'Oak')]
    const kept = await start('Emma Smith', 'Oak')
    const [page, former, present] = (await Promise.all(
      ['', '?mentor=Emma+Smyth', '?mentor=Emma+Smith'].map(query => listed(pages, `${server.url}/${query}`)),
    )) as [Page, Page, Page]
    await row(former, String(ids[0])).waitFor()
    await reassigning(page, [...ids, kept])
    expect(await dialog(page).getByRole('heading').textContent()).toBe(
      'Change mentor or organisation of 4 calculations',
    )
    expect(
      await Promise.all([mentor(page), organisation(page)].map(field => field.getAttribute('placeholder'))),
    ).toEqual(['several', 'several'])
    await dialog(page).getByText('Nothing changes yet.').waitFor()
    await press(page, 'Change')
    await dialog(page).getByText('Enter another mentor or another organisation.').waitFor()
    await mentor(page).fill('emma smi')
    await dialog(page).getByRole('option', { name: 'Emma Smith' }).click()
    await dialog(page).getByText('3 of 4 calculations will change:').waitFor()
    const merged = ['Mentor: from Emma Smyth (2), E. Smith (1) to Emma Smith']
    expect(await changes(page)).toEqual(merged)
    expect(await violations(page)).toEqual([])

    await press(page, 'Change 3 calculations')
    await dialog(page).getByRole('heading', { name: '3 calculations changed.' }).waitFor()
    expect(await changes(page)).toEqual(merged)
    expect(await Promise.all(ids.map(ownerOf))).toEqual([
      ['Emma Smith', 'Oak'],
      ['Emma Smith', 'Elm'],
      ['Emma Smith', 'Oak'],
    ])
    await former.getByText('No calculations match these filters.').waitFor()
    for (const id of [...ids, kept]) await row(present, id).waitFor()
    await press(page, 'Close')
    await page.locator('#sessions-heading:focus').waitFor()
    // The row that had the mentor already was not changed.
    await bar(page).getByText('1 selected', { exact: true }).waitFor()
    expect((await server.sessions.queries.get(kept)).version).toBe(1)
  })

  test('removes organisations, and says so before', async () => {
    const ids = [await start('Ann', 'Oak'), await start('Ann'), await start('Ann', 'Elm')]
    const page = await listed(pages, `${server.url}/?mentor=Ann`)
    await reassigning(page, ids)
    expect(await mentor(page).inputValue()).toBe('Ann')
    await dialog(page).getByLabel('No organisation').check()
    expect(await organisation(page).getAttribute('readonly')).toBe('')
    await dialog(page).getByText('2 of 3 calculations will change:').waitFor()
    expect(await changes(page)).toEqual(['Organisation: from Oak (1), Elm (1) to no organisation'])
    await press(page, 'Change 2 calculations')
    await dialog(page).getByRole('heading', { name: '2 calculations changed.' }).waitFor()
    expect(await Promise.all(ids.map(ownerOf))).toEqual([
      ['Ann', null],
      ['Ann', null],
      ['Ann', null],
    ])
  })

  test('changes one calculation on its page', async () => {
    const id = await start('Bo', 'Oak')
    const page = await listed(pages, `${server.url}/sessions/${id}`)
    const history = await openHistory(page)
    await chooseInMenu(page, 'Change mentor or organisation')
    await mentor(page).fill('')
    await press(page, 'Change')
    await dialog(page).getByText('Mentor is required.').waitFor()
    // Another spelling of the mentor that it replaces is no second mentor.
    await mentor(page).fill('bo')
    await organisation(page).fill('')
    await dialog(page).getByText('1 calculation will change:').waitFor()
    await press(page, 'Change 1 calculation')
    await dialog(page).getByRole('heading', { name: '1 calculation changed.' }).waitFor()
    expect(await changes(page)).toEqual(['Mentor: from Bo to bo', 'Organisation: from Oak to no organisation'])
    await press(page, 'Close')
    await page.getByText(/^Mentor bo, started/).waitFor()
    await history.getByText('Mentor or organisation changed', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'More' }).and(page.locator(':focus')).waitFor()
    expect(await ownerOf(id)).toEqual(['bo', null])
  })

  test('leaves rows that can’t be changed, each with its reason', async () => {
    const changed = await start('Cy 1', 'Elm')
    const taken = await start('Cy 2', 'Elm', 'A 7')
    await start('Cy 3', 'Oak', 'A 7')
    const forbidden = await start('Cy 4', 'Elm')
    const possible = await start('Cy 5', 'Elm')
    const page = await listed(pages, server.url)
    await page.route('**/graphql', async route => {
      if (route.request().postDataJSON().variables?.input?.sessionId !== forbidden) return route.fallback()
      await route.fulfill({ json: { errors: [{ message: 'x', extensions: { code: 'FORBIDDEN' } }], data: null } })
    })
    await reassigning(page, [changed, taken, forbidden, possible])
    await server.sessions.dispatch(changed, { event: 'ReassignRequested', payload: { mentor_id: 'Cy 6' } })
    await row(page, changed).getByText('Cy 6').waitFor()
    await organisation(page).fill('Oak')
    await press(page, 'Change 4 calculations')
    await dialog(page).getByRole('heading', { name: '1 calculation changed.' }).waitFor()
    const reasons = await dialog(page).locator('p, .names').allTextContents()
    expect(
      reasons
        .map((reason, i) => reasons[i + 1] && i % 2 === 0 && [reason, reasons[i + 1]])
        .filter(Boolean)
        .toSorted(),
    ).toEqual([
      ['Not changed, because someone else changed them in the meantime. Check them, then try again:', 'Cy 1 · Elm'],
      ['Not changed: Another calculation of this organisation has the same external ID.', 'Cy 2 · Elm'],
      ['Not changed: Your role doesn’t allow this. Ask your administrator.', 'Cy 4 · Elm'],
    ])
    await press(page, 'Close')
    await bar(page).getByText('3 selected', { exact: true }).waitFor()

    for (let i = 0; i < 4; i++) await start('Full')
    await bar(page).getByRole('button', { name: 'Clear selection' }).click()
    await reassigning(page, [possible])
    await mentor(page).fill('Full')
    await press(page, 'Change 1 calculation')
    await dialog(page).getByText('Not changed: The mentor has 4 calculations already, which is the maximum.').waitFor()
    expect(await ownerOf(possible)).toEqual(['Cy 5', 'Oak'])
  })

  test('stops on request while the server is away, and repeats a change under its idempotency key', async () => {
    const id = await start('Di')
    const page = await listed(pages, `${server.url}/?mentor=Di`)
    const keys = new Set<string>()
    let isAway = true
    await page.route('**/graphql', route => {
      const { query, variables } = route.request().postDataJSON()
      if (!query.includes('dispatchEvent')) return route.fallback()
      keys.add(variables.input.idempotencyKey)
      return isAway ? route.abort() : route.fallback()
    })
    const change = async (): Promise<void> => {
      await mentor(page).fill('Dee')
      await press(page, 'Change 1 calculation')
    }
    await reassigning(page, [id])
    await change()
    await dialog(page).getByText('We can’t reach the server.', { exact: false }).waitFor()
    await page.keyboard.press('Escape')
    await dialog(page).getByText('Not changed, because you stopped:').waitFor()
    await press(page, 'Close')
    isAway = false
    await bar(page).getByRole('button', { name: 'Change mentor or organisation' }).click()
    await change()
    await dialog(page).getByRole('heading', { name: '1 calculation changed.' }).waitFor()
    expect([keys.size, await ownerOf(id)]).toEqual([1, ['Dee', null]])
    pages.complaints()
  })

  test.each(['en-GB', 'de-DE', 'fr-FR'])('fits a phone: %s', async locale => {
    const { actions, changeRows } = wordsOf(locale)
    const { reassign } = changeRows
    const ids = [await start(`Phone ${locale} 1`), await start(`Phone ${locale} 2`)]
    const page = await pages.page(server.url, {
      viewport: { width: 320, height: 640 },
      hasTouch: true,
      isMobile: true,
      locale,
    })
    for (const id of ids) await row(page, id).getByRole('checkbox').tap()
    await page.getByRole('button', { name: actions.REASSIGN_REQUESTED }).tap()
    await page.locator('[name="organisationId"]').fill('Oak')
    await page.getByText(reassign.changes(2, 2)).waitFor()
    const submit = dialog(page).getByRole('button', { name: reassign.submit(2) })
    await submit.scrollIntoViewIfNeeded()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    await submit.tap()
    await page.getByRole('heading', { name: reassign.done(2) }).waitFor()
  })
})

describePages('the change of mentor or organisation, by role', pages => {
  const keys = keysOfRoles()
  const server = serving(embeddedDatabase, { config: keyFile(...Object.values(keys)).config })
  let id = ''
  beforeAll(async () => {
    id = (await server.sessions.start({ mentor_id: 'mentor_1', organisation_id: 'org_1' })).session.session_id
  })

  test.each(Object.entries(keys))('%s', async (role, { key }) => {
    const page = await pages.page(server.url)
    await page.getByLabel('Service key').fill(key)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await row(page, id).getByRole('checkbox').click()
    const button = page.getByRole('button', { name: 'Change mentor or organisation' })
    await bar(page).getByRole('button', { name: 'Export CSV' }).waitFor()
    const may = role === 'admin' || role === 'coordinator'
    expect(await button.count()).toBe(may ? 1 : 0)
    await row(page, id).getByRole('link').first().click()
    await page.getByText(/^Mentor mentor_1/).waitFor()
    if (role !== 'reader') await page.getByRole('button', { name: 'More' }).click()
    expect(await button.count()).toBe(may ? 1 : 0)
    if (!may) return
    await button.click()
    expect(await organisation(page).inputValue()).toBe('org_1')
    expect(await organisation(page).getAttribute('readonly')).toBe(role === 'admin' ? null : '')
  })
  test('leaves the pages of a coordinator that may no longer see the calculation', async () => {
    const { session } = await server.sessions.start({ mentor_id: 'mentor_2', organisation_id: 'org_1' })
    const page = await pages.page(server.url)
    const move = (organisation_id: string) =>
      server.sessions.dispatch(session.session_id, { event: 'ReassignRequested', payload: { organisation_id } })
    await page.getByLabel('Service key').fill(keys.coordinator.key)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByText('Live', { exact: true }).waitFor()
    await row(page, session.session_id).waitFor()
    await move('org_2')
    await row(page, session.session_id).waitFor({ state: 'detached' })
    await move('org_1')
    await row(page, session.session_id).getByRole('link').first().click()
    const history = await openHistory(page)
    await history.getByText('Mentor or organisation changed', { exact: true }).first().waitFor()
    await move('org_2')
    await page.getByRole('alert').getByText('you no longer have access to it', { exact: false }).waitFor()
  })
})
