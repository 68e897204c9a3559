import type { Locator, Page } from 'playwright-core'
import { grammarOf } from '../../dashboard/src/words/grammar'
import type { Language } from '../../dashboard/src/words/language'
import type { Inputs } from '../../src/domain/calculator'
import { calculate } from '../../src/domain/time-value'
import type { Timestamp } from '../../src/domain/timestamp'
import { dashboardCapabilities } from '../capabilities/dashboard'
import { randomFrom } from './random'
import { clockAt, type Server, startServer } from './server'
import { embeddedDatabase } from './stores'
import { type Added, catalogues, type View, type Words, type World } from './view'

const organisations = [
  { id: 'northside-youth', currency: 'GBP' },
  { id: 'harbour-trust', currency: 'GBP' },
  { id: 'open-doors', currency: 'EUR' },
  { id: 'city-college', currency: 'USD' },
]

/** Inputs that two users save in turn for the same session. */
const disputes = [
  { sessions: 18, avg_minutes: 55, cost_per_session: 14.5, cost_per_hour: 28, currency: 'GBP' },
  { sessions: 20, avg_minutes: 55, cost_per_session: 14.5, cost_per_hour: 28, currency: 'GBP', label: 'Autumn term' },
] as const
let dispute = 0
let deleted = 0

export async function worldOf(now: Timestamp = `${new Date().toISOString().slice(0, 19)}Z`): Promise<World> {
  const [database, emptyDatabase] = await Promise.all([embeddedDatabase(), embeddedDatabase()])
  const clock = clockAt(now)
  let failing = false
  const calculator = (inputs: Inputs) => {
    if (failing) throw new Error('a calculator that fails')
    return calculate(inputs)
  }
  const server = await startServer(database, { clock, calculator })
  const empty = await startServer(emptyDatabase, { clock })
  const { sessions } = server
  const at = (secondsAgo: number): void =>
    clock.set(`${new Date(Date.parse(now) - secondsAgo * 1_000).toISOString().slice(0, 19)}Z`)
  const random = randomFrom(11)
  const started = async (mentor_id: string, organisation_id: string | null): Promise<string> =>
    (await sessions.start({ mentor_id, organisation_id })).session.session_id
  const calculated = (id: string, payload: Inputs) => sessions.dispatch(id, { event: 'CalculateRequested', payload })

  for (let i = 120; i > 0; i--) {
    at(i * 17 + Math.round(random() * 10))
    const organisation = i % 9 === 0 ? undefined : organisations[i % 4]
    const id = await started(`mentor-${101 + (i % 17)}`, organisation?.id ?? null)
    if (i % 6 === 0) continue
    await calculated(id, {
      sessions: 8 + Math.floor(random() * 40),
      avg_minutes: 20 + 5 * Math.floor(random() * 14),
      cost_per_session: Math.round(250 + random() * (i % 7 === 0 ? 3_000 : 700)) / 100,
      cost_per_hour: 22 + Math.floor(random() * 16),
      ...(organisation && { currency: organisation.currency }),
    })
    if (i % 5 === 1) await sessions.dispatch(id, { event: 'ShareRequested' })
  }
  at(40)
  const fresh = await started('mentor-104', 'open-doors')
  const failed = await started('mentor-110', 'city-college')
  failing = true
  await calculated(failed, { sessions: 10, avg_minutes: 45, cost_per_session: 6, cost_per_hour: 28 })
  failing = false

  at(420)
  const disputed = await started('mentor-103', 'harbour-trust')
  await calculated(disputed, {
    sessions: 18,
    avg_minutes: 50,
    cost_per_session: 31,
    cost_per_hour: 28,
    currency: 'GBP',
  })
  await shareOf(server, disputed)
  at(400)
  await calculated(disputed, disputes[0])

  at(40)
  const revoked = await started('mentor-102', 'harbour-trust')
  await calculated(revoked, { sessions: 12, avg_minutes: 50, cost_per_session: 6.4, cost_per_hour: 30 })
  const gone = await shareOf(server, revoked)
  await sessions.dispatch(revoked, { event: 'ShareRevokeRequested' })

  const euro = await started('mentor-112', 'open-doors')
  await calculated(euro, { sessions: 14, avg_minutes: 45, cost_per_session: 7.5, cost_per_hour: 29.4, currency: 'EUR' })

  at(300)
  const session = await started('mentor-107', 'northside-youth')
  at(240)
  const label = 'Spring 2026, Year 9 reading'
  const period = { from: '2026-01-19', to: '2026-03-27' }
  const stated = {
    label,
    currency: 'GBP',
    period,
    value_source: 'ASHE 2025, teaching assistants, median',
    note: 'Preparation counts.\nTravel does not.',
    cost_per_hour_range: { low: 25, high: 35.5 },
  }
  await calculated(session, { sessions: 20, avg_minutes: 30, cost_per_session: 9, cost_per_hour: 30 })
  at(20)
  await calculated(session, { sessions: 25, avg_minutes: 40, cost_per_session: 8.25, cost_per_hour: 31, ...stated })
  at(8)
  const shared = await shareOf(server, session)
  at(0)
  const added: Added[] = []
  for (const { add } of dashboardCapabilities) if (add) added.push(await add({ server, clock }))
  return {
    ...(Object.assign({}, ...added.map(({ world }) => world)) as World),
    url: server.url,
    emptyUrl: empty.url,
    session,
    fresh,
    failed,
    disputed,
    euro,
    shared,
    gone,
    async end() {
      await Promise.all([server.stop(), empty.stop(), ...added.map(({ end }) => end?.())])
      await Promise.all([database.drop(), emptyDatabase.drop()])
    },
  }
}

async function shareOf({ sessions, url }: Server, id: string): Promise<string> {
  await sessions.dispatch(id, { event: 'ShareRequested' })
  return `${url}/shared/${sessions.queries.liveShare(await sessions.queries.get(id))?.token}`
}

/** Returns the dashboard's texts for a locale. */
export function wordsOf(locale: string): Words {
  const language = locale.slice(0, 2) as Language
  const grammar = grammarOf(locale)
  const added = dashboardCapabilities.map(({ words }) => words?.[language](grammar))
  return Object.assign({}, catalogues[language](grammar), ...added)
}

/** Waits until the list is shown, with what capabilities add to it. */
async function shown(page: Page): Promise<Page> {
  await page.locator('.rows [data-id]').first().waitFor()
  for (const { listed } of dashboardCapabilities) await listed?.(page)
  return page
}

/** Selects the first rows of the list. */
async function selecting(page: Page, words: Words, count: number): Promise<Page> {
  const boxes = page.locator('.rows').getByRole('checkbox')
  await boxes.first().click()
  await boxes.nth(count - 1).click({ modifiers: ['Shift'] })
  await page.getByText(words.selected.count(count), { exact: true }).waitFor()
  return page
}

/** Shows the form of a calculation, which a phone hides behind a button while there is a result. */
export async function editing(page: Page, words = wordsOf('en-GB')): Promise<void> {
  await page.getByTestId('result-net').waitFor()
  const edit = page.getByRole('button', { name: words.session.edit })
  if (await edit.isVisible()) await edit.click()
}

/** Chooses an action in the menu of a calculation. */
export async function chooseInMenu(page: Page, action: string, words = wordsOf('en-GB')): Promise<void> {
  await page.getByRole('button', { name: words.session.more, exact: true }).click()
  await page.locator('.choices').getByRole('button', { name: action, exact: true }).click()
}

/** Types the numbers of an example into the form of a calculation. */
export async function fillNumbers(page: Page): Promise<void> {
  const numbers = { sessions: '25', avgMinutes: '30', costPerSession: '3.5', costPerHour: '30' }
  for (const [name, number] of Object.entries(numbers)) await page.locator(`.calculator [name="${name}"]`).fill(number)
}

/** Opens the history of a calculation, and returns it. */
export async function openHistory(page: Page, words = wordsOf('en-GB')): Promise<Locator> {
  const history = page.getByRole('region', { name: words.timeline.heading })
  await history.locator('summary').click()
  await history.getByRole('listitem').first().waitFor()
  return history
}

/** Deletes a new calculation in the list. */
async function deleting({ url }: World, open: (url: string) => Promise<Page>, words: Words): Promise<Page> {
  const mentor_id = `Emma ${++deleted}`
  const inputs = { ...disputes[1], period: { from: '2026-01-05', to: '2026-03-27' } }
  const body = JSON.stringify({ mentor_id, inputs })
  const headers = { 'Content-Type': 'application/json' }
  await fetch(`${url}/api/v1/benefit-calculator-sessions`, { method: 'POST', headers, body })
  const page = await open(`${url}/?mentor=Emma+${deleted}`)
  await page.locator('.rows').getByRole('checkbox').first().click()
  await page.getByRole('button', { name: words.selected.delete, exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: words.selected.delete, exact: true }).click()
  await page.getByText(words.selected.deleted.count(1), { exact: true }).waitFor()
  await page.getByText(words.list.nothingFound).waitFor()
  return page
}

export const views: View[] = [
  {
    name: 'empty',
    async open({ emptyUrl }, open, words) {
      const page = await open(emptyUrl)
      await page.getByRole('button', { name: words.welcome.tryExample }).waitFor()
      return page
    },
  },
  {
    name: 'example',
    async open({ emptyUrl }, open, words) {
      const page = await open(emptyUrl)
      await page.getByRole('button', { name: words.welcome.tryExample }).click()
      await page.getByTestId('result-net').waitFor()
      return page
    },
  },
  { name: 'list', open: async ({ url }, open) => shown(await open(url)) },
  { name: 'selected', open: async ({ url }, open, words) => selecting(await shown(await open(url)), words, 3) },
  {
    name: 'delete-selected',
    async open({ url }, open, words) {
      const page = await selecting(await shown(await open(url)), words, 8)
      await page.getByRole('button', { name: words.selected.delete, exact: true }).click()
      await page.getByRole('heading', { name: words.changeRows.deletion.heading(8) }).waitFor()
      return page
    },
  },
  {
    name: 'reassign-selected',
    async open({ url }, open, words) {
      const page = await selecting(await shown(await open(url)), words, 8)
      await page.getByRole('button', { name: words.actions.REASSIGN_REQUESTED }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel(words.mentor, { exact: true }).fill('Emma Smith')
      await dialog.getByLabel(words.changeRows.reassign.remove).check()
      await dialog.getByText(words.changeRows.reassign.changes(8, 8)).waitFor()
      return page
    },
  },
  {
    name: 'set-details',
    async open({ url }, open, words) {
      const page = await selecting(await shown(await open(url)), words, 8)
      await page.getByRole('button', { name: words.selected.details }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel(words.calculator.currency, { exact: true }).fill('X')
      await dialog.locator('[type="submit"]').click()
      await dialog.getByText(words.faults.currency).waitFor()
      return page
    },
  },
  { name: 'deleted', open: deleting },
  {
    name: 'undo-deletion',
    async open(world, open, words) {
      const page = await deleting(world, open, words)
      await page.getByRole('button', { name: words.selected.deleted.undo, exact: true }).click()
      await page.getByRole('heading', { name: words.changeRows.undo.heading(1) }).waitFor()
      return page
    },
  },
  {
    name: 'reassign',
    async open({ url, disputed }, open, words) {
      const page = await open(`${url}/sessions/${disputed}`)
      await chooseInMenu(page, words.actions.REASSIGN_REQUESTED, words)
      await page.getByRole('dialog').getByLabel(words.organisation, { exact: true }).fill('')
      await page.getByText(words.changeRows.reassign.changes(1, 1)).waitFor()
      return page
    },
  },
  {
    name: 'list-months',
    async open({ url }, open, words) {
      const page = await shown(await open(`${url}/?from=2020-01&to=2099-12`))
      await page.getByRole('combobox', { name: words.months.from, exact: true }).selectOption('2020-02')
      await page.getByText(words.months.tooMany(120)).waitFor()
      return page
    },
  },
  {
    name: 'nothing-found',
    async open({ url }, open, words) {
      const page = await open(`${url}/?mentor=nobody&state=error`)
      await page.getByText(words.list.nothingFound).waitFor()
      return page
    },
  },
  {
    name: 'connection',
    async open({ url }, open, words) {
      const page = await shown(await open(url))
      await page.getByRole('button', { name: words.connection.live, exact: true }).click()
      await page.getByText(words.connection.what).waitFor()
      return page
    },
  },
  {
    name: 'menu',
    async open({ url }, open, words) {
      const page = await shown(await open(url))
      await page.getByRole('button', { name: words.menu.open, exact: true }).click()
      await page.getByLabel(words.menu.yearStart).waitFor()
      return page
    },
  },
  {
    name: 'start',
    async open({ url }, open, words) {
      const page = await shown(await open(url))
      await page.getByRole('button', { name: words.start.open }).click()
      await page.getByRole('button', { name: words.start.submit }).click()
      await page.getByText(words.faults.required(words.mentor)).waitFor()
      return page
    },
  },
  {
    name: 'session-fresh',
    async open({ url, fresh }, open, words) {
      const page = await open(`${url}/sessions/${fresh}`)
      await page.getByRole('region', { name: words.timeline.heading }).waitFor()
      return page
    },
  },
  {
    name: 'session',
    async open({ url, session }, open, words) {
      const page = await open(`${url}/sessions/${session}`)
      // A phone shows no number of links.
      await page.getByText(words.share.live(1), { exact: true }).waitFor({ state: 'attached' })
      return page
    },
  },
  {
    name: 'what-if',
    async open({ url, session }, open, words) {
      const page = await open(`${url}/sessions/${session}`)
      await editing(page, words)
      await page.getByLabel(words.calculator.sessions).fill('40')
      await page.getByText(words.result.notSaved).waitFor()
      return page
    },
  },
  {
    name: 'faults',
    async open({ url, session }, open, words) {
      const page = await open(`${url}/sessions/${session}`)
      await editing(page, words)
      await page.getByLabel(words.calculator.avgMinutes).fill('1500')
      await page.getByLabel(words.calculator.costPerSession).fill('-3')
      await page.getByText(words.faults.atLeastZero(words.calculator.costPerSession)).waitFor()
      return page
    },
  },
  {
    name: 'stated',
    async open({ url, session }, open, words) {
      const page = await open(`${url}/sessions/${session}`)
      await editing(page, words)
      await page.getByText(words.calculator.stated).click()
      await page.getByLabel(words.calculator.to).fill('2026-01-01')
      await page.getByText(words.faults.lastDay).waitFor()
      return page
    },
  },
  {
    name: 'yearly-costs',
    async open({ url, session }, open, words) {
      const page = await open(`${url}/sessions/${session}`)
      await editing(page, words)
      await page.getByRole('button', { name: words.yearlyCosts.open }).click()
      const amount = (name: keyof typeof words.yearlyCosts.names) => page.getByLabel(words.yearlyCosts.names[name])
      await amount('salary').fill('12000')
      await amount('training').fill('800')
      await amount('travel').fill('-3')
      await page.getByRole('button', { name: words.yearlyCosts.fill }).click()
      await page.getByText(words.faults.atLeastZero(words.yearlyCosts.names.travel)).waitFor()
      await amount('travel').fill('')
      await page.getByText(/12[.,\s]800/).waitFor()
      return page
    },
  },
  {
    name: 'conflict',
    async open({ url, disputed }, open, words) {
      const page = await open(`${url}/sessions/${disputed}`)
      await page.getByTestId('result-net').waitFor()
      await editing(page, words)
      await page.getByLabel(words.calculator.sessions).fill('24')
      await page.getByText(words.result.notSaved).waitFor()
      const body = JSON.stringify({ event: 'CalculateRequested', payload: disputes[++dispute % 2] })
      const headers = { 'Content-Type': 'application/json' }
      await fetch(`${url}/api/v1/benefit-calculator-sessions/${disputed}`, { method: 'PUT', headers, body })
      await page.getByRole('heading', { name: words.conflict.heading, exact: true }).waitFor()
      return page
    },
  },
  {
    name: 'older',
    async open({ url, session }, open, words) {
      const page = await open(`${url}/sessions/${session}`)
      await (await openHistory(page, words)).getByRole('button').first().click()
      await page.getByText(words.older.take).waitFor()
      return page
    },
  },
  {
    name: 'session-failed',
    async open({ url, failed }, open, words) {
      const page = await open(`${url}/sessions/${failed}`)
      await (await openHistory(page, words)).getByRole('listitem').filter({ hasText: words.states.ERROR }).waitFor()
      return page
    },
  },
  {
    name: 'close',
    async open({ url, session }, open, words) {
      const page = await open(`${url}/sessions/${session}`)
      await chooseInMenu(page, words.close.open, words)
      await page.getByText(words.close.heading).waitFor()
      return page
    },
  },
  {
    name: 'reset',
    async open({ url, disputed }, open, words) {
      const page = await open(`${url}/sessions/${disputed}`)
      await chooseInMenu(page, words.actions.RESET_REQUESTED, words)
      await page.getByText(words.reset.heading).waitFor()
      return page
    },
  },
  {
    name: 'no-session',
    async open({ url }, open, words) {
      const page = await open(`${url}/sessions/session_none`)
      await page.getByText(words.refusals.SESSION_NOT_FOUND()).waitFor()
      return page
    },
  },
  {
    name: 'links',
    async open({ url }, open, words) {
      const page = await open(`${url}/shared`)
      await page.getByText(words.shared.viewed(0)).first().waitFor()
      return page
    },
  },
  {
    name: 'links-none',
    async open({ emptyUrl }, open, words) {
      const page = await open(`${emptyUrl}/shared`)
      await page.getByText(words.shared.nothing).waitFor()
      return page
    },
  },
  {
    name: 'links-revoke',
    async open({ url }, open, words) {
      const page = await open(`${url}/shared`)
      await page.getByRole('button', { name: words.shared.revoke.action }).first().click()
      await page.getByRole('dialog').getByRole('button', { name: words.shared.revoke.keep }).waitFor()
      return page
    },
  },
  {
    name: 'share',
    async open({ url, session }, open, words) {
      const page = await open(`${url}/sessions/${session}`)
      await page.getByRole('button', { name: words.actions.SHARE_REQUESTED }).click()
      await page.getByLabel(words.share.link).waitFor()
      return page
    },
  },
  {
    name: 'share-older',
    async open({ url, disputed }, open, words) {
      const page = await open(`${url}/sessions/${disputed}`)
      await page.getByRole('button', { name: words.actions.SHARE_REQUESTED }).click()
      await page.getByRole('button', { name: words.share.create }).waitFor()
      await page.getByText(words.share.older).waitFor()
      return page
    },
  },
  {
    name: 'session-menu',
    async open({ url, session }, open, words) {
      const page = await open(`${url}/sessions/${session}`)
      await page.getByRole('button', { name: words.session.more, exact: true }).click()
      await page.getByRole('button', { name: words.session.similar }).waitFor()
      return page
    },
  },
  { name: 'shared', open: ({ shared }, open) => open(shared) },
  { name: 'shared-gone', open: ({ gone }, open) => open(gone) },
  { name: 'shared-unknown', open: ({ url }, open) => open(`${url}/shared/none`) },
  ...dashboardCapabilities.flatMap(({ views = [] }) => views),
]
