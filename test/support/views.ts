import type { Page } from 'playwright-core'
import { calculate, type Inputs } from '../../src/domain/calculator'
import type { Timestamp } from '../../src/domain/timestamp'
import { randomFrom } from './random'
import { clockAt, type Server, startServer } from './server'
import { embeddedPlace } from './stores'

/** A server with a programme's worth of sessions, and one that is empty; what the views to be looked at are of. */
export interface World {
  url: string
  emptyUrl: string
  /** A session that is shared, one that is fresh, and one whose calculation failed. */
  session: string
  fresh: string
  failed: string
  shared: string
  gone: string
  end(): Promise<void>
}

const organisations = [
  { id: 'northside-youth', currency: 'GBP' },
  { id: 'harbour-trust', currency: 'GBP' },
  { id: 'open-doors', currency: 'EUR' },
  { id: 'city-college', currency: 'USD' },
]

export async function worldOf(now: Timestamp = `${new Date().toISOString().slice(0, 19)}Z`): Promise<World> {
  const [place, emptyPlace] = await Promise.all([embeddedPlace(), embeddedPlace()])
  const clock = clockAt(now)
  let failing = false
  const calculator = (inputs: Inputs) => {
    if (failing) throw new Error('a calculator that fails')
    return calculate(inputs)
  }
  const server = await startServer(place, { clock, calculator })
  const empty = await startServer(emptyPlace, { clock })
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

  const revoked = await started('mentor-102', 'harbour-trust')
  await calculated(revoked, { sessions: 12, avg_minutes: 50, cost_per_session: 6.4, cost_per_hour: 30 })
  const gone = await shareOf(server, revoked)
  await sessions.dispatch(revoked, { event: 'ShareRevokeRequested' })

  at(300)
  const session = await started('mentor-107', 'northside-youth')
  at(240)
  const label = 'Spring 2026, Year 9 reading'
  const period = { from: '2026-01-19', to: '2026-03-27' }
  const stated = { label, currency: 'GBP', period }
  await calculated(session, { sessions: 20, avg_minutes: 30, cost_per_session: 9, cost_per_hour: 30 })
  at(20)
  await calculated(session, { sessions: 25, avg_minutes: 40, cost_per_session: 8.25, cost_per_hour: 31, ...stated })
  at(8)
  const shared = await shareOf(server, session)
  at(0)
  return {
    url: server.url,
    emptyUrl: empty.url,
    session,
    fresh,
    failed,
    shared,
    gone,
    async end() {
      await Promise.all([server.stop(), empty.stop()])
      await Promise.all([place.drop(), emptyPlace.drop()])
    },
  }
}

async function shareOf({ sessions, url }: Server, id: string): Promise<string> {
  await sessions.dispatch(id, { event: 'ShareRequested' })
  return `${url}/shared/${sessions.liveShare(await sessions.get(id))?.token}`
}

export interface View {
  name: string
  open(world: World, page: (url: string) => Promise<Page>): Promise<Page>
}

const listed = async (page: Page): Promise<Page> => {
  await page.locator('.rows .row').first().waitFor()
  await page.getByTestId('net-benefit').getByText(/\d/).waitFor()
  return page
}

export const views: View[] = [
  {
    name: 'empty',
    async open({ emptyUrl }, open) {
      const page = await open(emptyUrl)
      await page.getByRole('button', { name: 'Try an example' }).waitFor()
      return page
    },
  },
  { name: 'list', open: async ({ url }, open) => listed(await open(url)) },
  {
    name: 'nothing-found',
    async open({ url }, open) {
      const page = await open(`${url}/?mentor=nobody&state=error`)
      await page.getByText('No session matches this filter.').waitFor()
      return page
    },
  },
  {
    name: 'connection',
    async open({ url }, open) {
      const page = await listed(await open(url))
      await page.getByText('Live', { exact: true }).click()
      return page
    },
  },
  {
    name: 'start',
    async open({ url }, open) {
      const page = await listed(await open(url))
      await page.getByRole('button', { name: 'Start a session' }).click()
      await page.getByRole('button', { name: 'Start session' }).click()
      await page.getByText('Mentor must have').waitFor()
      return page
    },
  },
  {
    name: 'session-fresh',
    async open({ url, fresh }, open) {
      const page = await open(`${url}/sessions/${fresh}`)
      await page.getByText('#1', { exact: true }).waitFor()
      return page
    },
  },
  {
    name: 'session',
    async open({ url, session }, open) {
      const page = await open(`${url}/sessions/${session}`)
      await page.getByText('#6', { exact: true }).waitFor()
      await page.getByLabel('Link to the shared result').waitFor()
      return page
    },
  },
  {
    name: 'what-if',
    async open({ url, session }, open) {
      const page = await open(`${url}/sessions/${session}`)
      await page.getByLabel('Sessions held').fill('40')
      await page.getByText('not saved').waitFor()
      return page
    },
  },
  {
    name: 'faults',
    async open({ url, session }, open) {
      const page = await open(`${url}/sessions/${session}`)
      await page.getByLabel('Mean length').fill('1500')
      await page.getByLabel('Cost of a session').fill('-3')
      await page.getByText('Cost of a session must be at least 0.').waitFor()
      return page
    },
  },
  {
    name: 'stated',
    async open({ url, session }, open) {
      const page = await open(`${url}/sessions/${session}`)
      await page.getByText('Label, currency, period').click()
      await page.getByLabel('Last day').fill('2026-01-01')
      await page.getByText('Last day must not be before the first day.').waitFor()
      return page
    },
  },
  {
    name: 'session-failed',
    async open({ url, failed }, open) {
      const page = await open(`${url}/sessions/${failed}`)
      await page.getByText('Loading → Error').waitFor()
      return page
    },
  },
  {
    name: 'close',
    async open({ url, session }, open) {
      const page = await open(`${url}/sessions/${session}`)
      await page.getByRole('button', { name: 'Close session' }).first().click()
      await page.getByText('Close this session?').waitFor()
      return page
    },
  },
  {
    name: 'no-session',
    async open({ url }, open) {
      const page = await open(`${url}/sessions/session_none`)
      await page.getByText('No session has this id.').waitFor()
      return page
    },
  },
  { name: 'shared', open: ({ shared }, open) => open(shared) },
  { name: 'shared-gone', open: ({ gone }, open) => open(gone) },
  { name: 'shared-unknown', open: ({ url }, open) => open(`${url}/shared/none`) },
]
