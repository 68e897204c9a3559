import { text } from 'node:stream/consumers'
import type { Page } from 'playwright-core'
import { everyone } from '../../src/domain/caller'
import { IssuerProcess } from '../support/issuer'
import type { IssuerOptions } from '../support/issuer-process'
import { describePages, type Pages, schemes, violations } from '../support/pages'
import { freePort } from '../support/port'
import { type Server, startServer } from '../support/server'
import { embeddedDatabase, type TestDatabase } from '../support/stores'
import type { people } from '../support/tokens'
import { until } from '../support/until'
import { fillNumbers, openHistory } from '../support/views'

type Person = keyof typeof people

interface World {
  issuer: IssuerProcess
  server: Server
  /** A session visible to the coordinator, the mentor and the reader, and one that none of them sees. */
  seen: string
  unseen: string
}

/** Starts a server and its issuer for the tests of a suite. */
function world(options: Partial<IssuerOptions> = {}): World {
  const made = { issuer: new IssuerProcess(options) } as World
  let database: TestDatabase | undefined
  beforeAll(async () => {
    const port = await freePort()
    await made.issuer.start({ redirectUris: [`http://127.0.0.1:${port}/sign-in`] })
    database = await embeddedDatabase()
    made.server = await startServer(database, { config: { ...made.issuer.config, PORT: port } })
    const started = async (mentor_id: string, organisation_id: string): Promise<string> =>
      (await made.server.sessions.start({ mentor_id, organisation_id })).session.session_id
    made.seen = await started('mentor_1', 'org_1')
    made.unseen = await started('mentor_2', 'org_2')
  })
  afterAll(async () => {
    await made.server?.stop()
    await database?.drop()
  })
  return made
}

async function atIssuer(page: Page, login: Person): Promise<void> {
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByPlaceholder('Enter any login').fill(login)
  await page.getByPlaceholder('and password').fill('any')
  await page.getByRole('button', { name: 'Sign-in' }).click()
}

const opened = (pages: Pages, { server, issuer }: World, path = '/'): Promise<Page> =>
  pages.page(server.url + path, {}, issuer.url)

async function signedIn(pages: Pages, world: World, login: Person, path = '/'): Promise<Page> {
  const page = await opened(pages, world, path)
  await atIssuer(page, login)
  return page
}

const account = (page: Page, name: string) => page.locator('.menu').getByText(name)
const row = (page: Page, id: string) => page.locator(`[data-id="${id}"]`)

describePages('a user of the dashboard', pages => {
  const at = world()

  test('returns to the requested page, signed in as the issuer says, and sees the sessions in scope', async () => {
    const page = await signedIn(pages, at, 'coordinator', `/sessions/${at.seen}?organisation=org_1`)
    await page.getByRole('heading', { level: 1, name: 'mentor_1 · org_1' }).waitFor()
    expect(page.url()).toBe(`${at.server.url}/sessions/${at.seen}?organisation=org_1`)
    await account(page, 'Cora Coordinator').waitFor()
    await fillNumbers(page)
    await page.getByRole('button', { name: 'Calculate' }).click()
    await (await openHistory(page)).getByText('by Cora Coordinator').first().waitFor()
    await page.getByRole('link', { name: 'Back to the list' }).click()
    await row(page, at.seen).waitFor()
    expect(await row(page, at.unseen).count()).toBe(0)
    await page.goto(`${at.server.url}/sessions/${at.unseen}`)
    await page.getByText('There is no calculation with this ID.').waitFor()
  })

  test('exports the sessions in scope as a file, with the token', async () => {
    const page = await signedIn(pages, at, 'coordinator')
    await row(page, at.seen).waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ])
    const file = await text(await download.createReadStream())
    expect(file).toContain(at.seen)
    expect(file).not.toContain(at.unseen)
    expect(download.suggestedFilename()).toMatch(/^calculations-org_1-as-of-\d{4}-\d\d-\d\d\.csv$/)
  })

  test("as a mentor starts sessions in the user's own name and organisation only", async () => {
    const page = await signedIn(pages, at, 'mentor')
    await page.getByRole('button', { name: 'Start a calculation' }).click()
    for (const [label, value] of [
      ['Mentor', 'mentor_1'],
      ['Organisation', 'org_1'],
    ] as const) {
      const field = page.getByRole('dialog').getByLabel(label, { exact: true })
      expect([await field.inputValue(), await field.isEditable()]).toEqual([value, false])
    }
    await page.getByRole('button', { name: 'Start calculation' }).click()
    await (await openHistory(page)).getByText('by Mo Mentor').waitFor()
  })

  test('as a mentor without an organisation starts sessions without one only', async () => {
    const page = await signedIn(pages, at, 'free', '/?organisation=org_1')
    await page.getByRole('button', { name: 'Start a calculation' }).click()
    const field = page.getByRole('dialog').getByLabel('Organisation', { exact: true })
    expect(await field.inputValue()).toBe('')
    await field.fill('org_1')
    await page.getByRole('button', { name: 'Start calculation' }).click()
    await page.getByText('Your account has no organisation. Leave this empty').waitFor()
    await field.fill('')
    await page.getByRole('button', { name: 'Start calculation' }).click()
    await (await openHistory(page)).getByText('by Fay Free').waitFor()
    await page.goto(`${at.server.url}/import`)
    await page
      .getByLabel('Rows from your spreadsheet', { exact: true })
      .fill(['Minutes,Sessions,Cost,Value of an hour,Organisation', '36,25,3.50,30,org_1'].join('\n'))
    await page.getByRole('button', { name: 'Check rows' }).click()
    await page.getByRole('button', { name: 'Import 1 row' }).click()
    await page.getByText('Your account has no organisation. Leave this empty').waitFor()
  })

  test("as a mentor imports rows in the user's own name only", async () => {
    const page = await signedIn(pages, at, 'mentor', '/import')
    const rows = ['Minutes,Sessions,Cost,Value of an hour,Mentor', '35,25,3.50,30,', '35,25,3.50,30,mentor_2']
    await page.getByLabel('Rows from your spreadsheet', { exact: true }).fill(rows.join('\n'))
    await page.getByRole('button', { name: 'Check rows' }).click()
    await page.getByText('You can only import for yourself, mentor_1.').waitFor()
    await page.getByRole('button', { name: 'Import 1, leave out 1' }).click()
    await page.getByRole('link', { name: 'Open the calculation of row 2' }).click()
    await (await openHistory(page)).getByText('by Mo Mentor').first().waitFor()
    const made = await at.server.sessions.queries.get(page.url().split('/').pop() ?? '')
    expect([made.mentor_id, made.organisation_id]).toEqual(['mentor_1', 'org_1'])
  })

  test('as a reader is offered no action that changes anything', async () => {
    const page = await signedIn(pages, at, 'reader', `/sessions/${at.seen}`)
    await account(page, 'Rea Reader').waitFor()
    await page.getByLabel('Number of sessions').fill('40')
    await (await openHistory(page)).getByText('Started', { exact: true }).waitFor()
    const buttons = await page.getByRole('main').getByRole('button').allTextContents()
    expect(buttons.filter(name => !/Undo changes/.test(name))).toEqual([])
    await page.goto(`${at.server.url}/import`)
    await page.getByRole('heading', { name: 'All calculations' }).waitFor()
    expect(await page.getByRole('link', { name: 'Import' }).count()).toBe(0)
  })

  test('without a role sees a message, and may use another account', async () => {
    const page = await signedIn(pages, at, 'nobody')
    await page.getByText('Your account has no role here.').waitFor()
    await page.getByRole('button', { name: 'Use another account' }).click()
    await page.getByRole('button', { name: /Yes, sign me out/ }).click()
    await atIssuer(page, 'coordinator')
    await account(page, 'Cora Coordinator').waitFor()
  })

  test('leaves no token in the browser’s storage, and no code in the address', async () => {
    const page = await signedIn(pages, at, 'coordinator')
    await account(page, 'Cora Coordinator').waitFor()
    expect(await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])')).toBe(
      '[{},{},""]',
    )
    expect(page.url()).toBe(`${at.server.url}/`)
    await page.goBack().catch(() => {})
    expect(page.url()).not.toContain('code=')
  })

  test('is signed in in other tabs and after a reload, and signs out of all at once without leaving drafts behind', async () => {
    const page = await signedIn(pages, at, 'coordinator')
    await account(page, 'Cora Coordinator').waitFor()
    await page.reload()
    const other = await pages.tab(page.context(), `${at.server.url}/sessions/${at.seen}`, at.issuer.url)
    await other.getByLabel('Number of sessions').fill('40')
    await until(() => other.evaluate<boolean>('sessionStorage.length > 0'), 60_000, 'what was typed to be kept')
    for (const tab of [page, other]) await account(tab, 'Cora Coordinator').click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: /Yes, sign me out/ }).click()
    for (const tab of [page, other]) {
      await tab.getByRole('heading', { name: 'Sign in to see your calculations' }).waitFor()
      expect(await tab.evaluate('Object.keys(sessionStorage)')).toEqual(['signed-out'])
      await tab.reload()
      await tab.getByRole('heading', { name: 'Sign in to see your calculations' }).waitFor()
    }
  })

  test('sees the author of a change to the calculation being edited', async () => {
    const { session } = await at.server.sessions.start({ mentor_id: 'mentor_1', organisation_id: 'org_1' })
    const page = await signedIn(pages, at, 'coordinator', `/sessions/${session.session_id}`)
    await page.getByLabel('Number of sessions').fill('40')
    const payload = { sessions: 25, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30 }
    const mo = at.server.sessions.of({ ...everyone, by: 'Mo Mentor' })
    await mo.dispatch(session.session_id, { event: 'CalculateRequested', payload })
    await page.getByText(/^Mo Mentor saved other numbers/).waitFor()
    await (await openHistory(page)).getByText('by Mo Mentor').first().waitFor()
  })

  test('meets no accessibility fault in these views', async () => {
    const page = await opened(pages, at)
    const found = async (): Promise<string[]> => {
      const all: string[] = []
      for (const colorScheme of schemes) {
        await page.emulateMedia({ colorScheme })
        all.push(...(await violations(page)))
      }
      return all
    }
    await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
    expect(await found()).toEqual([])
    await atIssuer(page, 'mentor')
    await account(page, 'Mo Mentor').click()
    expect(await found()).toEqual([])
    await page.getByRole('button', { name: 'Start a calculation' }).click()
    expect(await found()).toEqual([])
  })

  test('refused by the issuer sees its reason', async () => {
    const page = await opened(pages, at)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('link', { name: 'Cancel' }).click()
    await page.getByText(/refused the sign-in: .*access_denied/).waitFor()
    await page.getByRole('button', { name: 'Try again' }).waitFor()
  })

  test('sees that the issuer is unreachable, and signs in once it is back', async () => {
    await at.issuer.stop()
    const page = await opened(pages, at, `/sessions/${at.seen}`)
    await page.getByText('where you sign in. It may be down').waitFor()
    await at.issuer.start()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByPlaceholder('Enter any login').waitFor()
  })
})

describePages('the sign-in of a user', pages => {
  const at = world({ tokenSeconds: 12 })

  test('outlasts the token without missing an event', async () => {
    const page = await signedIn(pages, at, 'coordinator')
    let closed = 0
    page.on('websocket', socket => socket.on('close', () => closed++))
    await page.locator('.connection [data-state="live"]').waitFor()
    const states: string[] = []
    await page.exposeFunction('told', (state: string) => states.push(state))
    await page.evaluate(`new MutationObserver(([{ target }]) => told(target.dataset.state))
      .observe(document.querySelector('.connection > span'), { attributeFilter: ['data-state'] })`)
    await row(page, at.seen).waitFor()
    const origin = { mentor_id: 'mentor_9', organisation_id: 'org_1' }
    let started = 1
    for (; closed < 2; started++) {
      await at.server.sessions.start(origin)
      await page.waitForTimeout(100)
    }
    await page.getByRole('grid', { name: `${started} calculations` }).waitFor()
    await page.locator(`[role="grid"][aria-rowcount="${started + 1}"]`).waitFor()
    expect(states).toEqual([])
  })
})

describePages('with an issuer that gives no refresh tokens, a user', pages => {
  const at = world({ tokenSeconds: 4, refreshes: false })

  test('signs in again when the token has ended, and finds the draft', async () => {
    const page = await signedIn(pages, at, 'coordinator', `/sessions/${at.seen}`)
    await page.getByLabel('Number of sessions').fill('77')
    await page.getByRole('button', { name: 'Sign in again' }).click()
    await page.getByRole('button', { name: 'Sign in again' }).waitFor({ state: 'detached' })
    await account(page, 'Cora Coordinator').waitFor()
    expect(await page.getByLabel('Number of sessions').inputValue()).toBe('77')
  })
})

describePages('without a client id', pages => {
  test('the page says that it cannot sign anyone in', async () => {
    const database = await embeddedDatabase()
    const server = await startServer(database, {
      config: { AUTH_ISSUER: 'https://issuer.example', AUTH_AUDIENCE: 'sessions' },
    })
    const page = await pages.page(server.url)
    await page.getByText('This server accepts tokens from issuer.example').waitFor()
    await server.stop()
    await database.drop()
  })
})
