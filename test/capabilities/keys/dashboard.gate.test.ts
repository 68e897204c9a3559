import type { Page } from 'playwright-core'
import { describePages, type Pages, violations } from '../../support/pages'
import { type Server, startServer } from '../../support/server'
import { keyFile, keysOfRoles } from '../../support/service-keys'
import { embeddedDatabase, type TestDatabase } from '../../support/stores'
import { until } from '../../support/until'

const { admin, coordinator } = keysOfRoles()
const file = keyFile(admin, coordinator)
const waitMs = 20_000

let database: TestDatabase
let server: Server
beforeEach(async () => {
  database = await embeddedDatabase()
  server = await startServer(database, { config: { AUTH_KEYS: `stored,${file.file}` } })
})
afterEach(async () => {
  await server.stop()
  await database.drop()
})

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const dialog = (page: Page) => page.getByRole('dialog')
const row = (page: Page, name: string) => page.getByRole('row', { name: new RegExp(`^${name}`) })
const keyField = (page: Page) => page.getByRole('textbox', { name: 'Key', exact: true })

async function signIn(page: Page, key: string): Promise<void> {
  await page.getByLabel('Service key', { exact: true }).fill(key)
  await button(page, 'Sign in').click()
}

async function opened(pages: Pages, key = admin.key, path = '/service-keys'): Promise<Page> {
  const page = await pages.page(server.url + path)
  await signIn(page, key)
  return page
}

/** Creates a reader's key on the page, and returns the key that the page shows. */
async function created(page: Page, name: string): Promise<string> {
  await button(page, 'Create a key').click()
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('Organisation', { exact: true }).fill('org_1')
  await button(page, 'Create key').click()
  await page.getByText(`Copy the key “${name}” now.`).waitFor()
  return keyField(page).inputValue()
}

const statusOf = async (key: string): Promise<number> =>
  (await fetch(`${server.url}/api/v1/benefit-caller`, { headers: { Authorization: `Bearer ${key}` } })).status

describePages('the page of service keys', pages => {
  test('creates a key, which it shows until the user leaves, and lists it with its last use', async () => {
    const page = await opened(pages)
    await page.getByText('No service keys yet.').waitFor()
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    const key = await created(page, 'BI export')
    expect(key).toMatch(/^bsk_/)
    await button(page, 'Copy').click()
    await button(page, 'Copied').waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(key)
    await row(page, 'BI export').getByText('never').first().waitFor({ state: 'attached' })
    expect(await statusOf(key)).toBe(200)
    await until(async () => (await server.store.keys.listKeys())[0]?.last_used_at != null, waitMs, 'the last use')
    await page.getByRole('link', { name: 'Calculations' }).click()
    await button(page, 'Start a calculation').first().waitFor()
    await page.goBack()
    await row(page, 'BI export').locator('time').nth(1).waitFor()
    expect(await keyField(page).count()).toBe(0)
    expect(
      await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state])'),
    ).not.toContain(key)
  })

  test('replaces a key, whose former key stays valid for a day, and revokes it, after which both are refused', async () => {
    const page = await opened(pages)
    const former = await created(page, 'CRM')
    await row(page, 'CRM').getByRole('button', { name: 'Replace' }).click()
    await dialog(page).getByLabel('The former key stays valid').selectOption('for 24 hours')
    await dialog(page).getByRole('button', { name: 'Replace' }).click()
    await row(page, 'CRM').getByText('Former key valid until').waitFor()
    await until(async () => (await keyField(page).inputValue()) !== former, waitMs, 'the new key')
    const key = await keyField(page).inputValue()
    expect(await Promise.all([former, key].map(statusOf))).toEqual([200, 200])

    const reader = await opened(pages, key, '/')
    await reader.locator('.menu').getByText('CRM').waitFor()
    await row(page, 'CRM').getByRole('button', { name: 'Revoke' }).click()
    await dialog(page).getByRole('button', { name: 'Cancel' }).click()
    await row(page, 'CRM').getByRole('button', { name: 'Revoke' }).click()
    await dialog(page).getByRole('button', { name: 'Revoke' }).click()
    await row(page, 'CRM').waitFor({ state: 'detached' })
    expect(await Promise.all([former, key].map(statusOf))).toEqual([401, 401])
    // The page of the key's user signs out by itself.
    await reader.getByLabel('Service key', { exact: true }).waitFor()
    // The page no longer shows a key that is revoked.
    expect(await keyField(page).count()).toBe(0)
  })

  test('names at its field what is missing or invalid, and asks only for what the role needs', async () => {
    const page = await opened(pages)
    await button(page, 'Create a key').click()
    await button(page, 'Create key').click()
    await page.getByText('Name is required.').waitFor()
    const field = page.getByLabel('Name', { exact: true })
    expect(await field.getAttribute('aria-invalid')).toBe('true')
    await page.locator('[name="name"]:focus').waitFor()
    await page.getByLabel('Role').selectOption('Admin')
    expect(await page.getByLabel('Organisation', { exact: true }).count()).toBe(0)
    await field.fill('Ada')
    await page.getByLabel('Valid until').fill('2020-01-01')
    await button(page, 'Create key').click()
    await page.getByText('Enter a day that is not in the past.').waitFor()
    expect(await violations(page)).toEqual([])
  })

  test('a user who revokes the own key must sign in again', async () => {
    const { key } = await server.keys.create({ name: 'Bea', role: 'admin' })
    const page = await opened(pages, key)
    await row(page, 'Bea').getByRole('button', { name: 'Revoke' }).click()
    await dialog(page).getByRole('button', { name: 'Revoke' }).click()
    await page.getByLabel('Service key', { exact: true }).waitFor()
  })

  test('is for admins only', async () => {
    const page = await opened(pages, coordinator.key)
    await page.getByRole('heading', { level: 1, name: 'What is your mentoring worth?' }).waitFor()
    await page.locator('.menu').click()
    expect(await page.getByRole('link', { name: 'Service keys' }).count()).toBe(0)
  })
})
