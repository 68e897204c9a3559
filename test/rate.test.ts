import { base } from './support/doors'
import { client, problem } from './support/rest'
import { serving } from './support/server'
import { embeddedPlace } from './support/stores'

const held = serving(embeddedPlace, { config: { REQUESTS_PER_SECOND: 5 } })
const { get } = client(held)

test('an address that asks more often than is configured is told when to come back, on both doors', async () => {
  const answers = await Promise.all(Array.from({ length: 12 }, () => get(base)))
  const refused = answers.filter(({ status }) => status !== 200)
  expect(answers.length - refused.length).toBeLessThanOrEqual(10)
  expect(refused.length).toBeGreaterThan(0)
  for (const answer of refused) {
    expect(problem(answer)).toMatchObject({ status: 429, code: 'rate_limited' })
    expect(answer.headers['retry-after']).toBe('1')
  }

  const queries = await Promise.all(Array.from({ length: 12 }, () => get('/graphql?query={__typename}')))
  const first = queries.find(({ status }) => status !== 200)
  expect(first?.status).toBe(429)
  expect(JSON.parse(first?.text ?? '')).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] })
  expect(first?.headers['retry-after']).toBe('1')
})
