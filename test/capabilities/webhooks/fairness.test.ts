import { attemptsOfOrganisation } from '../../../src/capabilities/webhooks/deliveries'
import { done, restApi } from '../../support/interfaces'
import { come, figures } from '../../support/metrics'
import { embeddedDatabase } from '../../support/stores'
import { until } from '../../support/until'
import { delivering, webhookOptions } from './delivering'
import { Receiver, silent, status } from './receiver'

const config = { ...webhookOptions.config, METRICS_PORT: 0 }

describe('an organisation whose receivers never respond', () => {
  const { server, at, created, becomes } = delivering(embeddedDatabase, { ...webhookOptions, config })
  const start = async (organisation_id: string) =>
    done(await restApi(server).start({ mentor_id: 'm', organisation_id }))

  test('has at most 64 attempts under way, and does not delay the messages and saves of another', async () => {
    const honest = await Receiver.start()
    try {
      at.receiver.answer = silent
      await Promise.all(Array.from({ length: 20 }, () => created(at.receiver.urlAt(), { organisation_id: 'noisy' })))
      const { endpoint_id } = await created(honest.urlAt(), { organisation_id: 'honest' })
      await Promise.all(Array.from({ length: 12 }, () => start('noisy')))
      await at.receiver.got(attemptsOfOrganisation)
      for (let n = 1; n <= 3; n++) {
        await start('honest')
        await honest.got(n, 10_000)
      }
      await becomes(endpoint_id, ({ pending, last_success_at }) => pending === 0 && last_success_at !== null, 10_000)
      expect(at.receiver.received).toHaveLength(attemptsOfOrganisation)
      expect(at.receiver.mostAtOnce).toBe(attemptsOfOrganisation)
    } finally {
      await honest.stop()
    }
  })
})

describe('an endpoint that is deleted', () => {
  const { server, at, created, remove } = delivering(embeddedDatabase, {
    config,
    webhooks: { ...webhookOptions.webhooks, messagesInTotal: 60 },
  })

  test('frees the room of its messages at once, even while its attempts do not end', async () => {
    at.receiver.answer = silent
    const endpoints = await Promise.all(
      Array.from({ length: 3 }, () => created(at.receiver.urlAt(), { organisation_id: 'noisy' })),
    )
    for (let n = 0; n < 50; n++) done(await restApi(server).start({ mentor_id: 'm', organisation_id: 'noisy' }))
    const waiting = async (): Promise<number> =>
      Object.values(await figures(server, 'webhook_messages_waiting'))[0] ?? 0
    await until(async () => (await waiting()) >= 60, 20_000, 'the messages')
    for (const { endpoint_id } of endpoints) await remove(endpoint_id)
    await come(server, 'webhook_messages_waiting', [], { '': 0 })
    await created(at.receiver.urlAt(), { organisation_id: 'honest' })
    for (let n = 0; n < 50; n++) done(await restApi(server).start({ mentor_id: 'm', organisation_id: 'honest' }))
    // Without room of its own it would read 20.
    await come(server, 'webhook_messages_waiting', [], { '': 50 })
    at.receiver.answer = status(200)
  })
})
