import type { Page } from 'playwright-core'
import { describePages, type Pages } from '../../support/pages'
import { type Server, startServer } from '../../support/server'
import { keyFile, keysOfRoles, type MadeKey } from '../../support/service-keys'
import { embeddedDatabase, type TestDatabase } from '../../support/stores'
import { webhookOptions } from './delivering'
import { Receiver, status, verified } from './receiver'

const { admin, coordinator, mentor, reader } = keysOfRoles()
const file = keyFile(admin, coordinator, mentor, reader)

let databases: TestDatabase[]
/** A server without sign-in, one with service keys, and one without webhooks. */
let open: Server
let keyed: Server
let without: Server
let receiver: Receiver
beforeAll(async () => {
  databases = await Promise.all([embeddedDatabase(), embeddedDatabase(), embeddedDatabase()])
  const [a, b, c] = databases as [TestDatabase, TestDatabase, TestDatabase]
  open = await startServer(a, webhookOptions)
  keyed = await startServer(b, { ...webhookOptions, config: { ...webhookOptions.config, ...file.config } })
  without = await startServer(c)
})
beforeEach(async () => {
  receiver = await Receiver.start()
})
afterEach(() => receiver.stop())
afterAll(async () => {
  await Promise.all([open, keyed, without].map(server => server?.stop()))
  await Promise.all(databases.map(database => database.drop()))
})

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const dialog = (page: Page) => page.getByRole('dialog')
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name })
const secretField = (page: Page) => page.getByRole('textbox', { name: 'Secret' })
const attempts = (page: Page) => page.getByRole('table', { name: 'Latest attempts' }).locator('tbody tr')

async function signedIn(pages: Pages, { key, entry }: MadeKey, path = '/'): Promise<Page> {
  const page = await pages.page(keyed.url + path)
  await page.getByLabel('Service key').fill(key)
  await button(page, 'Sign in').click()
  await page.locator('.menu').getByText(entry.name).waitFor()
  return page
}

/** Creates an endpoint on the page, and returns its secret. */
async function created(page: Page, url: string): Promise<string> {
  await button(page, 'Create an endpoint').click()
  await page.getByLabel('URL').fill(url)
  await button(page, 'Create endpoint').click()
  await heading(page, url).waitFor()
  return secretField(page).inputValue()
}

describePages('the page of webhooks', pages => {
  test('creates an endpoint, shows its secret once, and lists it', async () => {
    const page = await pages.page(`${open.url}/`)
    await page.getByRole('button', { name: 'Menu' }).click()
    await page.getByRole('link', { name: 'Webhooks' }).click()
    await heading(page, 'Webhooks').waitFor()
    const url = receiver.urlAt()
    await button(page, 'Create an endpoint').click()
    await page.getByLabel('URL').fill(url)
    await page.getByLabel('Description').fill('CRM')
    await page.getByLabel('Shared', { exact: true }).check()
    await page.getByLabel('Organisation', { exact: true }).fill('org_1')
    await button(page, 'Create endpoint').click()
    await heading(page, url).waitFor()
    expect(await secretField(page).inputValue()).toMatch(/^whsec_/)
    await page.getByText("import { Webhook } from 'standardwebhooks'").waitFor()
    const [stored] = await open.store.webhooks.listEndpoints('org_1')
    expect(stored?.endpoint).toMatchObject({ url, description: 'CRM', events: ['ShareRequested'] })
    await page.reload()
    await heading(page, url).waitFor()
    expect(await secretField(page).count()).toBe(0)
    await page.getByRole('link', { name: 'All endpoints' }).click()
    await page.getByRole('row', { name: url }).getByText('Active').waitFor()
  })

  test('sends a test, which the new secret verifies, and shows each attempt with its outcome', async () => {
    const page = await pages.page(`${open.url}/webhooks`)
    const secret = await created(page, receiver.urlAt())
    await button(page, 'Send a test').click()
    const [message] = await receiver.got(1)
    if (message) verified(secret, message)
    await attempts(page).first().getByText('Delivered (204)').waitFor()
    await page.locator('main').getByText('The test was delivered.').waitFor()
    receiver.answer = status(500)
    await button(page, 'Send a test').click()
    await page.locator('main').getByText('The test wasn’t delivered: Unexpected response (500)').waitFor()
    expect(await page.locator('main').getByText('on its way').count()).toBe(0)
    await open.sessions.start({ mentor_id: 'm', organisation_id: null })
    await attempts(page).first().getByRole('link').waitFor()
    await attempts(page).first().getByText('Unexpected response (500)').waitFor()
    await page.getByText('Retrying').waitFor()
    expect(await attempts(page).first().getByRole('link').getAttribute('href')).toMatch(/\/sessions\/session_/)
  })

  test('pauses, resumes, and replays from a cursor', async () => {
    const page = await pages.page(`${open.url}/webhooks`)
    await created(page, receiver.urlAt())
    await open.sessions.start({ mentor_id: 'm', organisation_id: null })
    const [message] = await receiver.got(1)
    await button(page, 'Pause').click()
    await page.getByText('Paused', { exact: true }).waitFor()
    expect(await button(page, 'Send a test').count()).toBe(0)
    await button(page, 'Resume').click()
    await page.getByText('Active', { exact: true }).waitFor()

    await open.sessions.start({ mentor_id: 'm', organisation_id: null })
    await receiver.got(2)
    await button(page, 'Replay').click()
    await page.getByLabel('Cursor').fill('none')
    await dialog(page).getByRole('button', { name: 'Replay' }).click()
    await page.getByText('This server did not issue this cursor. Copy data.cursor from a message.').waitFor()
    await page.getByLabel('Cursor').fill(message?.data.cursor)
    await dialog(page).getByRole('button', { name: 'Replay' }).click()
    const [, second, repeat] = await receiver.got(3)
    expect(repeat?.headers['webhook-id']).toBe(second?.headers['webhook-id'])
  })

  test('replaces the secret, and deletes the endpoint, after a confirmation', async () => {
    const page = await pages.page(`${open.url}/webhooks`)
    const url = receiver.urlAt()
    const first = await created(page, url)
    await button(page, 'Replace secret').click()
    await dialog(page).getByRole('button', { name: 'Cancel' }).click()
    await button(page, 'Replace secret').click()
    await dialog(page).getByRole('button', { name: 'Replace secret' }).click()
    await page.getByText('Secret replaced.').first().waitFor()
    expect(await secretField(page).inputValue()).not.toBe(first)
    await button(page, 'Delete endpoint').click()
    await dialog(page).getByRole('button', { name: 'Delete endpoint' }).click()
    await heading(page, 'Webhooks').waitFor()
    await page.getByRole('row', { name: url }).waitFor({ state: 'detached' })
  })

  test('shows at the field what the server refuses, and in a sentence that there are too many', async () => {
    const page = await signedIn(pages, admin, '/webhooks')
    await button(page, 'Create an endpoint').click()
    await page.getByLabel('URL').fill('ftp://receiver.example/')
    await button(page, 'Create endpoint').click()
    await page.getByText('Enter a public https address').waitFor()
    expect(await page.getByLabel('URL').getAttribute('aria-invalid')).toBe('true')
    for (let n = 0; n < 100; n++) await keyed.webhooks.create({ url: 'https://full.example/', organisation_id: 'full' })
    await page.getByLabel('URL').fill(receiver.urlAt())
    await page.getByLabel('Organisation', { exact: true }).fill('full')
    await button(page, 'Create endpoint').click()
    await page.getByText('The maximum of 100 has been reached.').waitFor()
  })

  test('is for admins and coordinators, whose organisation is filled in, and for no other role', async () => {
    const page = await signedIn(pages, coordinator)
    await page.locator('.menu').click()
    await page.getByRole('link', { name: 'Webhooks' }).click()
    await button(page, 'Create an endpoint').click()
    expect(await page.getByLabel('Organisation', { exact: true }).inputValue()).toBe('org_1')
    expect(await page.getByLabel('Organisation', { exact: true }).isEditable()).toBe(false)
    for (const key of [mentor, reader]) {
      const other = await signedIn(pages, key, '/webhooks')
      await heading(other, 'What is your mentoring worth?').waitFor()
      await other.locator('.menu').click()
      expect(await other.getByRole('link', { name: 'Webhooks' }).count()).toBe(0)
      await other.context().close()
    }
  })

  test('is not there if the server has no webhooks', async () => {
    const page = await pages.page(`${without.url}/webhooks`)
    await button(page, 'Start a calculation').first().waitFor()
    await button(page, 'Menu').click()
    expect(await page.getByRole('link', { name: 'Webhooks' }).count()).toBe(0)
  })
})
