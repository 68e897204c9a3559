import { interceptingEach } from '../support/intercepting'
import { query } from '../support/interfaces'
import { serving } from '../support/server'
import { calculation, stored } from '../support/sessions'
import { overStores } from '../support/stores'

overStores(({ newDatabase }) => {
  const asked: string[] = []
  const server = serving(newDatabase, {
    store: opened =>
      interceptingEach(opened, (name, call) => {
        asked.push(name)
        return call()
      }),
  })
  let id: string
  beforeAll(async () => {
    const commands = Array.from({ length: 60 }, (_, i) => calculation(i))
    id = (await stored(server.store, {}, commands)).session_id
  })

  const aliases = (selected: string): string => Array.from({ length: 10 }, (_, i) => `a${i}: ${selected}`).join(' ')

  test.each([
    ['results', 'results { id }', 1],
    ['result', 'transitions(first: 121) { session { result { id } } }', 60],
    ['latestShare', 'transitions(first: 121) { session { share { token } } }', 121],
    ['transitions', 'transitions(first: 100) { sequence }', 1],
  ])(
    '%s: ten aliases of %j cause %d reads, or four times as many, instead of ten times',
    async (read, selected, times) => {
      asked.length = 0
      const text = `query ($id: ID!) { session(id: $id) { ${aliases(selected)} } }`
      const { data, errors } = await query(server, text, { id })
      expect(errors).toBeUndefined()
      expect(Object.keys((data as { session: object }).session)).toHaveLength(10)
      const reads = asked.filter(name => name === read).length
      expect(reads).toBeGreaterThan(0)
      expect(reads).toBeLessThanOrEqual(times * 4)
      if (read === 'result') expect(asked).not.toContain('results')
    },
  )

  test('the result of an earlier transition is the one that it left', async () => {
    const text =
      'query ($id: ID!) { session(id: $id) { results { id } transitions(first: 121) { resultId session { result { resultId } } } } }'
    const { data } = await query(server, text, { id })
    const { session } = data as unknown as {
      session: {
        results: { id: string }[]
        transitions: { resultId: string | null; session: { result: { resultId: string } | null } }[]
      }
    }
    expect(session.transitions.map(({ session }) => session.result?.resultId ?? null)).toEqual(
      session.transitions.map(({ resultId }) => resultId),
    )
    expect(new Set(session.transitions.map(({ resultId }) => resultId)).size).toBe(61)
    expect(session.results).toHaveLength(60)
  })
})
