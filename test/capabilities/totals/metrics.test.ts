import { done, restApi } from '../../support/interfaces'
import { come, figures } from '../../support/metrics'
import { serving } from '../../support/server'
import { overStores } from '../../support/stores'

overStores(({ newDatabase }) => {
  const server = serving(newDatabase, { config: { METRICS_PORT: 0 } })

  test('the gauges of the totals are read at the time of the scrape', async () => {
    done(await restApi(server).start({ mentor_id: 'm' }))
    await come(server, 'totals_state', ['state'], { kept: 1, filling: 0, exceeded: 0 })
    expect(await figures(server, 'sessions', 'state')).toEqual({ initial: 1, loaded: 0, error: 0 })
    expect(await figures(server, 'totals_lag_seconds')).toEqual({ '': 0 })
  })
})
