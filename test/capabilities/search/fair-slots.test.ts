import { longAnswersOfPrincipal } from '../../../src/capabilities/totals/totals'
import type { Store } from '../../../src/db/store'
import { intercepting } from '../../support/intercepting'
import { client } from '../../support/rest'
import { serving } from '../../support/server'
import { overStores } from '../../support/stores'
import { until } from '../../support/until'

const from = (address: string) => ({ 'X-Forwarded-For': address })
const [greedy, honest] = [from('203.0.113.1'), from('203.0.113.2')]

/** The honest client searches this mentor's sessions. The greedy client searches those of others, and each of its searches is held. */
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
        search: {
          async matches(filter, words, limit, deadline) {
            begun.push(filter.mentor_id)
            if (filter.mentor_id !== mentor_id) await held
            return opened.search.matches(filter, words, limit, deadline)
          },
        },
      }),
  })
  const { get } = client(server)

  test('searches of one principal take some of the slots for long answers, and another principal still gets one', async () => {
    const find = (mentor_id: string, of: object) => get(`/api/v1/benefit-search?text=a&mentor_id=${mentor_id}`, of)
    const many = Array.from({ length: 20 }, (_, i) => find(`greedy${i}`, greedy))
    await until(() => begun.length === longAnswersOfPrincipal, 60_000, 'the greedy searches')
    expect((await find(mentor_id, honest)).status).toBe(200)
    expect(begun).toHaveLength(longAnswersOfPrincipal + 1)
    release()
    for (const { status } of await Promise.all(many)) expect(status).toBe(200)
  })
})
