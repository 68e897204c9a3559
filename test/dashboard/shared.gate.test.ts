import type { Page } from 'playwright-core'
import { describePages, type Pages, violations } from '../support/pages'
import { client } from '../support/rest'
import { clockAt, type Server, serving, startServer } from '../support/server'
import { keyFile, keysOfRoles, type MadeKey } from '../support/service-keys'
import { embeddedDatabase, type TestDatabase } from '../support/stores'

const payload = { sessions: 25, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30 }
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const dialog = (page: Page) => page.getByRole('dialog')
const items = (page: Page) => page.getByRole('main').getByRole('listitem')

interface Shared {
  id: string
  token: string
}

async function shared(
  { sessions }: Server,
  mentor_id: string,
  organisation_id: string | null,
  label?: string,
): Promise<Shared> {
  const { session_id: id } = (await sessions.start({ mentor_id, organisation_id })).session
  await sessions.dispatch(id, { event: 'CalculateRequested', payload: { ...payload, ...(label && { label }) } })
  await sessions.dispatch(id, { event: 'ShareRequested' })
  return { id, token: sessions.queries.liveShare(await sessions.queries.get(id))?.token ?? '' }
}

describePages('the page of everything that is shared', pages => {
  const server = serving(embeddedDatabase)

  test('says that nothing is shared, then lists results with their views and expiry', async () => {
    const page = await pages.page(`${server.url}/`)
    await page.getByRole('link', { name: 'Shared' }).click()
    await page.getByRole('heading', { level: 1, name: 'Shared' }).waitFor()
    await page.getByText('Nothing is shared.').waitFor()
    expect(await page.title()).toMatch(/^Shared/)

    const { id, token } = await shared(server, 'ann', 'northside', 'Spring')
    await shared(server, 'bob', null)
    for (let i = 0; i < 12; i++) await client(server).get(`/shared/${token}`)
    await server.viewCounter.save()
    await page.reload()
    await items(page).nth(1).waitFor()
    expect(await items(page).allInnerTexts()).toEqual([
      expect.stringMatching(/^bob\s+Result\s+Not viewed yet · Works until/),
      expect.stringMatching(/^Spring\s+Result\s+ann · northside\s+Viewed 12 times · Works until \d/),
    ])
    await page.getByText('nobody’s name is recorded').waitFor()
    expect(await page.getByLabel('Link to Spring').inputValue()).toBe(`${server.url}/shared/${token}`)
    expect(await violations(page)).toEqual([])
    await page.getByRole('link', { name: 'Spring' }).click()
    await page.getByRole('heading', { level: 1, name: 'Spring' }).waitFor()
    expect(page.url()).toBe(`${server.url}/sessions/${id}`)
  })

  test('revokes a link, after it has said what stops working', async () => {
    const { id, token } = await shared(server, 'cat', null, 'Autumn')
    const page = await pages.page(`${server.url}/shared`)
    const autumn = items(page).filter({ hasText: 'Autumn' })
    await autumn.getByRole('button', { name: 'Revoke link' }).click()
    await dialog(page).getByText('The link to Autumn will stop working for everyone who has it.').waitFor()
    expect(await dialog(page).locator(':focus').textContent()).toBe('Keep it')
    await dialog(page).getByRole('button', { name: 'Revoke link' }).click()
    await autumn.waitFor({ state: 'detached' })
    await page.getByRole('status').getByText('Link revoked.').waitFor()
    expect(await page.locator(':focus').textContent()).toBe('Shared')
    expect(server.sessions.queries.liveShares(await server.sessions.queries.get(id))).toEqual([])
    expect((await client(server).get(`/shared/${token}`)).status).toBe(410)
    pages.complaints()
  })

  test('shows more links on request', async () => {
    const page = await pages.page(`${server.url}/shared`)
    await items(page).first().waitFor()
    for (let i = 0; i < 25; i++) await shared(server, `many-${String(i).padStart(2, '0')}`, null)
    await page.reload()
    await page.getByRole('link', { name: 'many-24' }).waitFor()
    expect(await page.getByRole('link', { name: 'many-00' }).count()).toBe(0)
    await button(page, 'Show more').click()
    await page.getByRole('link', { name: 'many-00' }).waitFor()
    expect(await button(page, 'Show more').count()).toBe(0)
  })

  test('says if the server is away, and revokes nothing', async () => {
    const { id } = await shared(server, 'dan', null, 'Winter')
    const page = await pages.page(`${server.url}/shared`)
    const winter = items(page).filter({ hasText: 'Winter' })
    await winter.getByRole('button', { name: 'Revoke link' }).click()
    await page.context().setOffline(true)
    await dialog(page).getByRole('button', { name: 'Revoke link' }).click()
    await dialog(page).getByRole('alert').waitFor()
    await page.context().setOffline(false)
    await dialog(page).getByRole('alert').waitFor({ state: 'detached' })
    expect(server.sessions.queries.liveShares(await server.sessions.queries.get(id))).toHaveLength(1)
    await dialog(page).getByRole('button', { name: 'Revoke link' }).click()
    await winter.waitFor({ state: 'detached' })
    pages.complaints()
  })
})

describePages('what is shared, by role', pages => {
  const { coordinator, mentor, reader } = keysOfRoles()
  const file = keyFile(coordinator, mentor, reader)
  let database: TestDatabase
  let server: Server
  beforeAll(async () => {
    database = await embeddedDatabase()
    server = await startServer(database, { config: file.config })
    await shared(server, 'mentor_1', 'org_1', 'Own')
    await shared(server, 'mentor_2', 'org_1', 'Of the same organisation')
    await shared(server, 'mentor_1', 'org_2', 'Of another organisation')
  })
  afterAll(async () => {
    await server?.stop()
    await database?.drop()
  })

  async function signedIn(pages: Pages, { key, entry }: MadeKey): Promise<Page> {
    const page = await pages.page(`${server.url}/shared`)
    await page.getByLabel('Service key').fill(key)
    await button(page, 'Sign in').click()
    await page.locator('.menu').getByText(entry.name).waitFor()
    await page.getByRole('link', { name: 'Own', exact: true }).waitFor()
    return page
  }

  test('each user sees the links in its scope, and a reader cannot revoke them', async () => {
    for (const [key, links, canRevoke] of [
      [coordinator, 2, true],
      [mentor, 1, true],
      [reader, 2, false],
    ] as const) {
      const page = await signedIn(pages, key)
      await items(page)
        .nth(links - 1)
        .waitFor()
      expect([await items(page).count(), await button(page, 'Revoke link').count()]).toEqual([
        links,
        canRevoke ? links : 0,
      ])
      await page.context().close()
    }
  })
})

describePages('the share links of a calculation', pages => {
  const clock = clockAt('2026-03-26T09:00:00Z')
  const server = serving(embeddedDatabase, { clock })
  const expiryOf = async (id: string) =>
    server.sessions.queries.liveShare(await server.sessions.queries.get(id))?.expires_at

  test('last as long as the user chooses, and get another expiry', async () => {
    const { session_id: id } = (await server.sessions.start({ mentor_id: 'ann' })).session
    await server.sessions.dispatch(id, { event: 'CalculateRequested', payload })
    const page = await pages.page(`${server.url}/sessions/${id}`)
    await button(page, 'Share result').click()
    const lifetime = dialog(page).getByLabel('How long the link works')
    await lifetime.waitFor()
    expect(await lifetime.locator('option').allInnerTexts()).toEqual(['7 days', '30 days', '90 days', '1 year'])
    expect(await lifetime.inputValue()).toBe('30')
    await lifetime.selectOption('7 days')
    await button(page, 'Create link').click()
    await page.getByText('until 2 April 2026').waitFor()
    expect(await expiryOf(id)).toBe('2026-04-02T09:00:00.000Z')

    await dialog(page).getByLabel('From today, it works for').selectOption('1 year')
    await button(page, 'Change expiry').click()
    await page.getByText('until 26 March 2027').first().waitFor()
    await page.getByRole('status').getByText('The link now works until 26 March 2027.').waitFor()
    expect(await expiryOf(id)).toBe('2027-03-26T09:00:00.000Z')

    await dialog(page).getByLabel('From today, it works for').selectOption('1 year')
    await button(page, 'Change expiry').click()
    await dialog(page).getByText('This link is already set to that number of days').waitFor()
    expect((await server.sessions.queries.get(id)).version).toBe(5)
  })

  test('can be revoked one by one', async () => {
    const { id } = await shared(server, 'ann', null, 'Spring')
    await server.sessions.dispatch(id, { event: 'CalculateRequested', payload: { ...payload, label: 'Summer' } })
    await server.sessions.dispatch(id, { event: 'ShareRequested' })
    const page = await pages.page(`${server.url}/sessions/${id}`)
    await button(page, 'Share result').click()
    const spring = page
      .getByRole('dialog', { name: 'Share result' })
      .getByRole('listitem')
      .filter({ hasText: 'Spring' })
    const confirm = page.getByRole('dialog', { name: 'Revoke this link?' })
    await spring.getByRole('button', { name: 'Revoke link' }).click()
    await confirm.getByText('The link to Spring will stop working').waitFor()
    await confirm.getByRole('button', { name: 'Revoke link' }).click()
    await spring.waitFor({ state: 'detached' })
    await page.locator('button:focus').getByText('Copy').waitFor()
    expect(await button(page, 'Revoke both links').count()).toBe(0)
    await button(page, 'Revoke link').click()
    await confirm.getByText('The link to Summer will stop working').waitFor()
    await confirm.getByRole('button', { name: 'Revoke link' }).click()
    await button(page, 'Create link').waitFor()
    expect(server.sessions.queries.liveShares(await server.sessions.queries.get(id))).toEqual([])
  })

  test('do not mark a row of the list, which could not tell when they end', async () => {
    await shared(server, 'ann', null, 'Marked')
    const page = await pages.page(`${server.url}/`)
    const row = page.getByRole('row').filter({ hasText: 'Marked' })
    await row.waitFor()
    expect(await row.textContent()).not.toContain('Shared')
  })
})
