import type { DeliverySave } from '../../../src/capabilities/webhooks/store'
import { unavailable } from '../../../src/domain/errors'
import { done, restApi } from '../../support/interfaces'
import { embeddedDatabase } from '../../support/stores'
import { until } from '../../support/until'
import { delivering, webhookOptions } from './delivering'
import { status } from './receiver'

describe('the saves of a delivery', () => {
  const saves: (DeliverySave & { at: number })[] = []
  /** Number of the next saves of held sessions whose outcome gets lost. */
  let losses = 0
  const { server, at, created, becomes } = delivering(embeddedDatabase, {
    ...webhookOptions,
    webhooks: { ...webhookOptions.webhooks, retryDelaysMs: [600_000] },
    store(opened) {
      const { webhooks } = opened
      const saveDelivery = webhooks.saveDelivery.bind(webhooks)
      webhooks.saveDelivery = async (owner, endpoint_id, save) => {
        saves.push({ ...save, at: performance.now() })
        const isSaved = await saveDelivery(owner, endpoint_id, save)
        if (losses > 0 && save.held.changed.length > 0) {
          losses--
          throw unavailable(new Error('the outcome is lost'))
        }
        return isSaved
      }
      return opened
    },
  })
  const start = () => restApi(server).start({ mentor_id: 'm' }).then(done)

  test('write each session after its attempt and not again, and happen at most once a second', async () => {
    at.receiver.answer = status(500)
    const { endpoint_id } = await created(at.receiver.urlAt())
    const isHeld = (count: number) => becomes(endpoint_id, ({ pending }) => pending === count)
    await Promise.all(Array.from({ length: 200 }, start))
    await isHeld(200)
    for (let count = 201; count <= 203; count++) {
      await start()
      await isHeld(count)
    }

    const written = () => saves.flatMap(({ held }) => held.changed)
    const failed = () => written().filter(({ attempts }) => attempts > 0)
    await until(() => failed().length >= 203, 20_000, 'the failed attempts')
    expect(new Set(failed().map(({ session_id }) => session_id)).size).toBe(203)
    // Some are also written while their attempts are under way.
    expect(written().length).toBeLessThanOrEqual(1.5 * 203)
    const gaps = saves.slice(1).map((save, n) => save.at - (saves[n]?.at ?? 0))
    // A save that began late on a busy machine does not delay the next one.
    for (const gap of gaps) expect(gap).toBeGreaterThan(900)
  })

  test('write again what a save with an unknown outcome may have written', async () => {
    at.receiver.answer = status(500)
    const { endpoint_id } = await created(at.receiver.urlAt())
    losses = 1
    await start()
    await until(() => losses === 0, 20_000, 'the loss')
    at.receiver.answer = status(200)
    // Its success causes an early retry of the failed message.
    await start()
    await becomes(endpoint_id, ({ pending, last_success_at }) => pending === 0 && last_success_at !== null)
    expect(await server.store.webhooks.readDelivery(endpoint_id)).toMatchObject({ held: [] })
  })
})
