import * as documents from '../../../dashboard/src/capabilities/webhooks/documents'
import { webhookRoute } from '../../../dashboard/src/capabilities/webhooks/route'
import { webhooksDe } from '../../../dashboard/src/capabilities/webhooks/words/de'
import { webhooksEn } from '../../../dashboard/src/capabilities/webhooks/words/en'
import { webhooksFr } from '../../../dashboard/src/capabilities/webhooks/words/fr'
import type { DeliveryState } from '../../../src/capabilities/webhooks/model'
import type { RecordedAttempt } from '../../../src/capabilities/webhooks/store'
import { addMs, dayMs, type Timestamp, timestamp } from '../../../src/domain/timestamp'
import { type Clock, type Server, startServer } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'
import type { DashboardCapability } from '../../support/view'

declare module '../../support/view' {
  interface World {
    /** A server with webhooks. */
    webhooksUrl: string
    /** A webhook endpoint with attempts. */
    endpoint: string
  }

  interface Words {
    webhooks: ReturnType<typeof webhooksEn>
  }
}

export const dashboard: DashboardCapability = {
  documents,
  routes: [webhookRoute],
  words: {
    en: grammar => ({ webhooks: webhooksEn(grammar) }),
    de: grammar => ({ webhooks: webhooksDe(grammar) }),
    fr: grammar => ({ webhooks: webhooksFr(grammar) }),
  },
  loanwords: {
    de: ['webhooks.heading', 'webhooks.url'],
    fr: [
      'webhooks.heading',
      'webhooks.url',
      'webhooks.description',
      'webhooks.secret.label',
      'webhooks.attempts.message',
    ],
  },
  async add({ clock }) {
    const database = await embeddedDatabase()
    const server = await startServer(database, { clock, config: { WEBHOOKS: true } })
    return {
      world: { webhooksUrl: server.url, endpoint: await addEndpoints(server, clock) },
      end: () => server.stop().then(() => database.drop()),
    }
  },
  views: [
    {
      name: 'webhooks',
      screenshot: 'whole',
      async open({ webhooksUrl }, open, words) {
        const page = await open(`${webhooksUrl}/webhooks`)
        await page.getByText(words.webhooks.statuses.RETRYING).waitFor()
        return page
      },
    },
    {
      name: 'webhook',
      screenshot: 'whole',
      async open({ webhooksUrl, endpoint }, open) {
        const page = await open(`${webhooksUrl}/webhooks/${endpoint}`)
        await page.getByText('webhook.test').waitFor()
        return page
      },
    },
    {
      name: 'webhook-create',
      async open({ webhooksUrl }, open, words) {
        const page = await open(`${webhooksUrl}/webhooks`)
        await page.getByRole('button', { name: words.webhooks.create.open }).click()
        await page.getByRole('button', { name: words.webhooks.create.submit, exact: true }).click()
        await page.getByText(words.faults.required(words.webhooks.url)).waitFor()
        return page
      },
    },
    {
      name: 'webhook-new',
      screenshot: 'whole',
      async open({ webhooksUrl }, open, words) {
        const page = await open(`${webhooksUrl}/webhooks`)
        await page.getByRole('button', { name: words.webhooks.create.open }).click()
        await page.getByLabel(words.webhooks.url).fill('https://warehouse.example/benefits')
        await page.getByRole('button', { name: words.webhooks.create.submit, exact: true }).click()
        await page.getByText(words.webhooks.secret.onlyNow).waitFor()
        return page
      },
    },
    {
      name: 'webhook-replay',
      async open({ webhooksUrl, endpoint }, open, words) {
        const page = await open(`${webhooksUrl}/webhooks/${endpoint}`)
        await page.getByRole('button', { name: words.webhooks.replay.action, exact: true }).click()
        await page.getByLabel(words.webhooks.replay.cursor, { exact: true }).waitFor()
        return page
      },
    },
  ],
}

/** Adds webhook endpoints in each status. Returns the id of one that has attempts. */
async function addEndpoints({ webhooks, store }: Server, clock: Clock): Promise<string> {
  const now = timestamp(clock())
  let age = 4 * dayMs
  const add = async (url: string, more: object, state: Partial<DeliveryState>, attempts: RecordedAttempt[] = []) => {
    clock.set(addMs(now, -age))
    age -= dayMs
    const { endpoint_id } = await webhooks.create({ url, ...more })
    const stored = await store.webhooks.readEndpoint(endpoint_id)
    if (!stored) return endpoint_id
    const held = { changed: [], ended: [] }
    await store.webhooks.saveDelivery('', endpoint_id, { state: { ...stored.delivery, ...state }, held, attempts })
    return endpoint_id
  }
  const failed = { status: 503, error: 'unexpected_status' } as const
  const ago = (seconds: number): Timestamp => addMs(now, -seconds * 1_000)
  const attempts = [
    { type: 'session.started', at: ago(3_240), status: 204, error: null },
    { type: 'session.calculate_requested', at: ago(3_200), status: 204, error: null },
    { type: 'session.share_requested', at: ago(2_400), ...failed },
    { type: 'session.share_requested', at: ago(2_395), ...failed },
    { type: 'session.share_requested', at: ago(2_090), status: null, error: 'timed_out' as const },
    { type: 'webhook.test', at: ago(60), status: 204, error: null },
  ].map(
    ({ type, at, status, error }, i): RecordedAttempt => ({
      position: null,
      number: i + 1,
      mentor_id: 'mentor-107',
      message_id: `msg_${Math.min(i, 2)}${type}`,
      type,
      session_id: type === 'webhook.test' ? null : 'session_5f0c7a9b',
      sequence: type === 'webhook.test' ? null : i + 1,
      attempt: error ? i - 1 : 1,
      at,
      duration_ms: status === null ? 15_000 : 80 + 7 * i,
      status,
      error,
      next_attempt_at: error ? ago(2_400 - 300 * (i - 1)) : null,
    }),
  )
  const last_failure = { at: ago(2_090), status: null, error: 'timed_out' } as const
  await add(
    'https://old.example/hook',
    {},
    { isDisabled: true, pending: 1_000, last_failure: { at: ago(9_000), ...failed, status: 410 } },
  )
  const paused = await add(
    'https://sheets.example/benefits',
    { description: 'Spreadsheet', events: ['SessionClosed'] },
    {},
  )
  await webhooks.update(paused, { paused: true })
  await add('https://automation.example/hooks/4711', { description: 'Automation' }, { last_success_at: ago(12) })
  const endpoint = await add(
    'https://crm.example/hooks/benefits',
    { description: 'CRM', organisation_id: 'northside-youth', events: ['CalculateRequested', 'ShareRequested'] },
    { isRetrying: true, pending: 2, attempts: attempts.length, last_success_at: ago(60), last_failure },
    attempts,
  )
  clock.set(now)
  return endpoint
}
