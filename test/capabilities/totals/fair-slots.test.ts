import { longAnswersOfPrincipal } from '../../../src/capabilities/totals/totals'
import type { Store } from '../../../src/db/store'
import { intercepting } from '../../support/intercepting'
import { client } from '../../support/rest'
import { serving } from '../../support/server'
import { overStores } from '../../support/stores'
import { until } from '../../support/until'

const from = (address: string) => ({ 'X-Forwarded-For': address })
const [greedy, honest] = [from('203.0.113.1'), from('203.0.113.2')]

/** The honest client reads this mentor. The greedy client reads the others, and each of its reads is held. */
const mentor_id = 'honest'

overStores(({ newDatabase }) => {
  let release = (): void => {}
  const held = new Promise<void>(resolve => {
    release = resolve
  })
  const begun: unknown[] = []
  const server = serving(newDatabase, {
    config: { TRUST_PROXY: 1 },
    store: opened =>
      intercepting<Store>(opened, {
        lists: {
          async list(filter, page) {
            begun.push(filter.mentor_id)
            if (filter.mentor_id !== mentor_id) await held
            return opened.lists.list(filter, page)
          },
        },
      }),
  })
  const { get } = client(server)

  test('long answers to one principal take some of the slots, and another principal still gets one', async () => {
    // To answer for an external id, the totals read the sessions with this id.
    const ask = (mentor_id: string, of: object) =>
      get(`/api/v1/benefit-summaries?external_id=a&mentor_id=${mentor_id}`, of)
    const many = Array.from({ length: 20 }, (_, i) => ask(`greedy${i}`, greedy))
    await until(() => begun.length === longAnswersOfPrincipal, 60_000, 'the greedy requests')
    expect((await ask(mentor_id, honest)).status).toBe(200)
    expect(begun).toHaveLength(longAnswersOfPrincipal + 1)
    release()
    for (const { status } of await Promise.all(many)) expect(status).toBe(200)
  })
})
