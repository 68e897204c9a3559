import { text } from 'node:stream/consumers'
import type { Page } from 'playwright-core'
import { describePages, type Pages, schemes, violations } from '../support/pages'
import { type Server, startServer } from '../support/server'
import { keyFile, type MadeKey, madeKey } from '../support/service-keys'
import { embeddedDatabase, type TestDatabase } from '../support/stores'
import { fillNumbers, openHistory } from '../support/views'

const coordinator = madeKey({ name: 'Cora Coordinator', role: 'coordinator' })
const successor = madeKey({ name: 'Cora Coordinator', role: 'coordinator' })
const reader = madeKey({ name: 'Rea Reader' })
const file = keyFile(coordinator, successor, reader)

let server: Server
let database: TestDatabase
/** A session in the scope of the keys, and one outside it. */
let seen: string
let unseen: string
beforeAll(async () => {
  database = await embeddedDatabase()
  server = await startServer(database, { config: file.config })
  seen = (await server.sessions.start({ mentor_id: 'mentor_1', organisation_id: 'org_1' })).session.session_id
  unseen = (await server.sessions.start({ mentor_id: 'mentor_2', organisation_id: 'org_2' })).session.session_id
})
afterAll(async () => {
  await server?.stop()
  await database?.drop()
})

const field = (page: Page) => page.getByLabel('Service key')

async function enter(page: Page, { key }: Pick<MadeKey, 'key'>): Promise<void> {
  await field(page).fill(key)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

async function signedIn(pages: Pages, key: MadeKey, path = '/'): Promise<Page> {
  const page = await pages.page(server.url + path)
  await enter(page, key)
  await account(page, key.entry.name).waitFor()
  return page
}

const account = (page: Page, name: string) => page.locator('.menu').getByText(name)
const row = (page: Page, id: string) => page.locator(`[data-id="${id}"]`)

/** Returns everything that the page stores beyond the tab's session, and its address. */
const traces = (page: Page): Promise<string> =>
  page.evaluate('JSON.stringify([{ ...localStorage }, document.cookie, location.href, history.state])')

describePages('a server with an issuer and service keys, but no client id for the dashboard', pages => {
  const issuer = 'https://issuer.example'
  let both: Server
  let database: TestDatabase
  beforeAll(async () => {
    database = await embeddedDatabase()
    const config = { ...file.config, AUTH_ISSUER: issuer, AUTH_AUDIENCE: 'sessions' }
    both = await startServer(database, { config })
  })
  afterAll(async () => {
    await both?.stop()
    await database?.drop()
  })

  test('asks for a key', async () => {
    const page = await pages.page(both.url)
    await enter(page, coordinator)
    await account(page, 'Cora Coordinator').waitFor()
  })
})

describePages('a user with a service key', pages => {
  test('opens the requested page, sees the sessions in scope live, and signs changes with the name of the key', async () => {
    const page = await signedIn(pages, coordinator, `/sessions/${seen}?organisation=org_1`)
    await page.getByRole('heading', { level: 1, name: 'mentor_1 · org_1' }).waitFor()
    await fillNumbers(page)
    await page.getByRole('button', { name: 'Calculate' }).click()
    await (await openHistory(page)).getByText('by Cora Coordinator').first().waitFor()
    await page.getByRole('link', { name: 'Back to the list' }).click()
    await row(page, seen).waitFor()
    expect(await row(page, unseen).count()).toBe(0)
    await page.locator('.connection [data-state="live"]').waitFor()
  })

  test('leaves it only in the storage of the tab: in no address, in no cookie, and in no URL', async () => {
    const page = await pages.page(`${server.url}/`)
    const urls: string[] = []
    page.on('request', request => urls.push(request.url()))
    page.on('websocket', socket => urls.push(socket.url()))
    await enter(page, coordinator)
    await row(page, seen).waitFor()
    await page.locator('.connection [data-state="live"]').waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ])
    expect(await text(await download.createReadStream())).toContain(seen)
    await page.goto(`${server.url}/sessions/${seen}`)
    await page.getByLabel('Number of sessions').fill('40')
    expect(await traces(page)).not.toContain('bsk_')
    expect(await page.evaluate("sessionStorage.getItem('service key')")).toBe(coordinator.key)
    expect(urls.length).toBeGreaterThan(3)
    expect(urls.filter(url => url.includes('bsk_'))).toEqual([])
    const databases = 'indexedDB.databases().then(found => found.length)'
    expect(await page.evaluate(databases)).toBe(0)
    expect(await page.evaluate('caches.keys().then(found => found.length)')).toBe(0)
  })

  test('stays signed in after a reload, and enters the key again in another tab', async () => {
    const page = await pages.page(server.url)
    await page.getByText('The key stays in this tab only, until you close the tab or sign out.').waitFor()
    await enter(page, coordinator)
    await account(page, coordinator.entry.name).waitFor()
    await page.reload()
    await account(page, coordinator.entry.name).waitFor()
    await row(page, seen).waitFor()
    const other = await pages.tab(page.context(), `${server.url}/`)
    await field(other).waitFor()
    expect(await other.locator('.menu').count()).toBe(0)
  })

  test('reads after a reload that the key is no longer accepted, and the tab forgets it', async () => {
    const page = await signedIn(pages, coordinator)
    await page.evaluate(`sessionStorage.setItem('service key', '${madeKey().key}')`)
    await page.reload()
    await page.getByText('This server doesn’t accept this key.').waitFor()
    expect(await page.evaluate('sessionStorage.length')).toBe(0)
  })

  test('reads why a key is refused, and tries another', async () => {
    const page = await pages.page(`${server.url}/sign-in`)
    for (const key of [madeKey().key, 'not a key', '☕', coordinator.key.slice(0, -1)]) {
      await enter(page, { key })
      await page.getByText('This server doesn’t accept this key.').waitFor()
    }
    await enter(page, { key: ` ${coordinator.key}\n` })
    await account(page, 'Cora Coordinator').waitFor()
    expect(page.url()).toBe(`${server.url}/`)
  })

  test('as a reader is offered no action that changes anything', async () => {
    const page = await signedIn(pages, reader, `/sessions/${seen}`)
    await page.getByRole('heading', { level: 1, name: 'mentor_1 · org_1' }).waitFor()
    expect(await page.getByRole('button', { name: 'Start a calculation' }).count()).toBe(0)
    expect(await page.getByRole('button', { name: 'Delete' }).count()).toBe(0)
  })

  test('signs out of all tabs, without leaving drafts behind', async () => {
    const page = await signedIn(pages, coordinator)
    const other = await pages.tab(page.context(), `${server.url}/sessions/${seen}`)
    await enter(other, coordinator)
    await other.getByLabel('Number of sessions').fill('40')
    await account(page, 'Cora Coordinator').click()
    await page.getByText('with a service key').waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    for (const tab of [page, other]) {
      await tab.getByRole('heading', { name: 'Sign in to see your calculations' }).waitFor()
      expect(await tab.evaluate('Object.keys(sessionStorage)')).toEqual([])
    }
  })

  test('whose key is removed keeps what was typed, and goes on with another key of the same rights', async () => {
    const page = await signedIn(pages, coordinator, `/sessions/${seen}`)
    await page.getByLabel('Number of sessions').fill('77')
    file.write(successor, reader)
    await page.getByText('Your sign-in has expired.').waitFor()
    expect(await page.evaluate("sessionStorage.getItem('service key')")).toBeNull()
    await enter(page, coordinator)
    await page.getByText('This server doesn’t accept this key.').waitFor()
    await enter(page, reader)
    await page.getByText('This key has different permissions.').waitFor()
    await enter(page, successor)
    await page.getByText('Your sign-in has expired.').waitFor({ state: 'detached' })
    await page.locator('.connection [data-state="live"]').waitFor()
    expect(await page.getByLabel('Number of sessions').inputValue()).toBe('77')
    file.write(coordinator, successor, reader)
  })

  test('meets no accessibility fault in these views', async () => {
    const page = await pages.page(`${server.url}/`)
    await enter(page, madeKey())
    await page.getByText('This server doesn’t accept this key.').waitFor()
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme })
      expect(await violations(page)).toEqual([])
    }
    await enter(page, successor)
    await account(page, 'Cora Coordinator').click()
    expect(await violations(page)).toEqual([])
  })
})
