import {
  getSharedReport,
  listReports,
  revokeReport,
  shareReport,
} from '../../../packages/client/src/capabilities/reports/entry'
import { ConnectionError, SessionsClient } from '../../../packages/client/src/index'
import { clientInputs as inputs } from '../../support/inputs'
import { Relay } from '../../support/relay'
import { serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'

const period = { from: '2026-01-01', to: '2026-03-31' }
const range = { from: '2026-01', to: '2026-03' }

const server = serving(embeddedDatabase)
let relay: Relay
let client: SessionsClient
/** A client over a connection that can lose responses. */
let unsure: SessionsClient
beforeAll(async () => {
  relay = await Relay.before(server.url)
  client = new SessionsClient({ url: server.url })
  unsure = new SessionsClient({ url: relay.url })
})
afterAll(() => relay.stop())

test('a report goes from its totals through its link to its end', async () => {
  await client.startSession({ mentorId: 'm', organisationId: 'o', inputs: { ...inputs, currency: 'EUR', period } })
  const { report, path, token } = await shareReport(client, { title: 'Spring', organisationId: 'o', ...range })
  expect(path).toBe(`/reports/${token}`)
  expect(await listReports(client)).toEqual([report])
  expect(await getSharedReport(client, token)).toMatchObject({
    title: 'Spring',
    organisationId: 'o',
    mentors: 1,
    amounts: [{ currency: 'EUR', netBenefit: 287.5 }],
    trend: [{ month: '2026-01-01' }, {}, { month: '2026-03-01', results: 1 }],
    previous: null,
    toDate: null,
  })
  await revokeReport(client, report.id)
  expect(await listReports(client)).toEqual([])
  await expect(getSharedReport(client, token)).rejects.toMatchObject({ code: 'SHARE_GONE' })
  await expect(revokeReport(client, report.id)).rejects.toMatchObject({ name: 'ApiError' })
})

test('a report whose response is lost is not shared a second time, and a revoked one is revoked', async () => {
  relay.loseAnswers(1)
  await expect(shareReport(unsure, { title: 'Once', ...range })).rejects.toBeInstanceOf(ConnectionError)
  const [report, ...others] = await listReports(client)
  expect(others).toEqual([])
  relay.loseAnswers(1)
  await revokeReport(unsure, report?.id ?? '')
  expect(await listReports(client)).toEqual([])
})

test('an option of another call is refused', async () => {
  // @ts-expect-error: a report has no idempotency key.
  const sharing = shareReport(client, { title: 'Wrong', ...range }, { idempotencyKey: 'key' })
  await expect(sharing).rejects.toThrow(
    '`shareReport` has no option `idempotencyKey`. This option belongs to `startSession`, `calculate`, `dispatchEvent`, `reassign`, `share`, `revokeShare`.',
  )
})
