import type { DeliverySave } from '../../../src/capabilities/webhooks/store'
import { done, restApi } from '../../support/interfaces'
import { embeddedDatabase } from '../../support/stores'
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

  test('write each session when it changes and not again, and happen at most once a second', async () => {
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

    const written = saves.flatMap(({ held }) => held.changed)
    expect(new Set(written.map(({ session_id }) => session_id)).size).toBe(203)
    // Once when its message is read, and once after the attempt.
    expect(written.length).toBeLessThanOrEqual(2 * 203)
    expect(saves.filter(({ held }) => held.isWhole)).toHaveLength(1)
    const gaps = saves.slice(1).map((save, n) => save.at - (saves[n]?.at ?? 0))
    for (const gap of gaps) expect(gap).toBeGreaterThan(990)
  })
})
