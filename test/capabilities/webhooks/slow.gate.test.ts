import { attemptsOfOrganisation } from '../../../src/capabilities/webhooks/deliveries'
import { attemptsAtOnce } from '../../../src/capabilities/webhooks/endpoint-delivery'
import { done, restApi } from '../../support/interfaces'
import { embeddedDatabase } from '../../support/stores'
import { delivering, webhookOptions } from './delivering'
import { silent, status } from './receiver'

describe('an attempt', () => {
  const { at, created, becomes, server } = delivering(embeddedDatabase)

  test('fails after 15 seconds without a response', async () => {
    at.receiver.answer = silent
    const { endpoint_id } = await created(at.receiver.urlAt())
    done(await restApi(server).start({ mentor_id: 'm' }))
    await at.receiver.got(1)
    const began = performance.now()
    const { last_failure } = await becomes(endpoint_id, ({ last_failure }) => last_failure !== null, 30_000)
    expect(last_failure).toMatchObject({ status: null, error: 'timed_out' })
    expect(performance.now() - began).toBeGreaterThan(14_000)
  })
})

describe('beside attempts that take all turns of their organisation', () => {
  const { server, at, created, becomes, attempts } = delivering(embeddedDatabase, {
    ...webhookOptions,
    webhooks: { ...webhookOptions.webhooks, attemptMs: 3_000 },
  })

  test('the wait for a turn is no part of an attempt', async () => {
    at.receiver.answer = silent
    const endpoints = await Promise.all(
      Array.from({ length: 9 }, () => created(at.receiver.urlAt(), { organisation_id: 'o' })),
    )
    for (let n = 0; n < attemptsAtOnce; n++) {
      done(await restApi(server).start({ mentor_id: 'm', organisation_id: 'o' }))
    }
    await at.receiver.got(attemptsOfOrganisation)
    // The other ones wait almost as long as an attempt may take, and then take longer than what is left of this time.
    at.receiver.answer = (...message) => void setTimeout(() => status(204)(...message), 1_000)
    const ids = endpoints.map(({ endpoint_id }) => endpoint_id)
    for (const id of ids) await becomes(id, ({ pending, last_success_at }) => pending === 0 && last_success_at !== null)
    const made = await Promise.all(ids.map(id => attempts(id)))
    expect(made.flat().filter(({ error }) => error !== null)).toHaveLength(attemptsOfOrganisation)
  })
})
