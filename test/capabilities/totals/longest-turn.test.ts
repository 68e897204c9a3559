import { stallMs } from '../../../src/concurrency/event-loop-stalls'
import { monthsUpTo } from '../../support/filters'
import { addEveryCurrency, allAmounts, repeat } from '../../support/full'
import { longestTurnOf } from '../../support/longest-turn'
import { send } from '../../support/raw'
import { json } from '../../support/rest'
import { serving } from '../../support/server'
import { noon } from '../../support/sessions'
import { overStores } from '../../support/stores'

overStores(({ newDatabase }) => {
  const server = serving(newDatabase, { clock: () => new Date(noon) })
  beforeAll(() => addEveryCurrency(server.store, 'mentor', monthsUpTo(noon, 12)))

  test('amounts in every currency hold up other work for less than a stall', async () => {
    const query = `{ ${repeat(12, number => `a${number}: trend(last: ${number + 1}) { month ${allAmounts} }`)} }`
    expect(
      await longestTurnOf(() => send(server.url, 'POST', '/graphql', json, JSON.stringify({ query }))),
    ).toBeLessThan(stallMs)
  })
})
