import type { DeliverySave } from '../../../src/capabilities/webhooks/store'
import { done, restApi } from '../../support/interfaces'
import { embeddedDatabase } from '../../support/stores'
import { until } from '../../support/until'
import { delivering, webhookOptions } from './delivering'
import { status } from './receiver'

describe('the saves of a delivery', () => {
  const saves: (DeliverySave & { at: number })[] = []
  const { server, at, created, becomes } = delivering(embeddedDatabase, {
    ...webhookOptions,
    webhooks: { ...webhookOptions.webhooks, retryDelaysMs: [600_000] },
    // Counts what is saved.
    store(opened) {
      const { webhooks } = opened
      const saveDelivery = webhooks.saveDelivery.bind(webhooks)
      webhooks.saveDelivery = (owner, endpoint_id, save) => {
        saves.push({ ...save, at: performance.now() })
        return saveDelivery(owner, endpoint_id, save)
      }
      return opened
    },
  })

  test('write each session after its attempt and not again, and happen at most once a second', async () => {
    at.receiver.answer = status(500)
    const { endpoint_id } = await created(at.receiver.urlAt())
    const start = () => restApi(server).start({ mentor_id: 'm' }).then(done)
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
    for (const gap of gaps) expect(gap).toBeGreaterThan(990)
  })
})
