import { ways } from '../support/ask'
import { client } from '../support/rest'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase)
const { post } = client(server)

interface Answer {
  data?: { calculate: { totalMinutes: number } } | null
  errors?: { extensions: { code: string; errors?: unknown } }[]
}

const inputs = (minutes: string): string => `{"sessions":1,"avgMinutes":${minutes},"costPerSession":1,"costPerHour":1}`
const text = 'query ($inputs: CalculationInputs!) { calculate(inputs: $inputs) { totalMinutes } }'
const variables = (minutes: string): string => `{"inputs":${inputs(minutes)}}`

describe.each(ways)('a number in variables over %s', (_, ask) => {
  test.each(['2.50000000000000000001', '1e-400', '1e400'])(
    'is refused with its pointer if it would be rounded: %s',
    async minutes => {
      const { data, errors } = await ask(server, text, variables(minutes))
      expect(data ?? null).toBeNull()
      expect(errors?.map(({ extensions }) => extensions)).toEqual([
        {
          code: 'VALIDATION_FAILED',
          errors: [{ detail: 'has too many digits to be read exactly', pointer: '/avgMinutes' }],
        },
      ])
    },
  )

  test('is read exactly from its text', async () => {
    expect(await ask(server, text, variables('25000000000000000000e-19'))).toEqual({
      status: expect.any(Number),
      data: { calculate: { totalMinutes: 2.5 } },
    })
  })
})

test('a number in a document is checked in the same way', async () => {
  const literal = (minutes: string): Promise<Answer> =>
    post(
      '/graphql',
      JSON.stringify({ query: `{ calculate(inputs: ${inputs(minutes).replaceAll('"', '')}) { totalMinutes } }` }),
    ).then(({ text }) => JSON.parse(text))
  for (const minutes of ['2.50000000000000000001', '1e-400', '1e400']) {
    const { errors } = await literal(minutes)
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['GRAPHQL_VALIDATION_FAILED'])
  }
  expect(await literal('2.5000000000000000000')).toEqual({ data: { calculate: { totalMinutes: 2.5 } } })
})

test('such a number is invalid as a page size and as an id', async () => {
  for (const [type, field] of [
    ['Int', 'sessions(first: $n) { totalCount }'],
    ['ID!', 'session(id: $n) { id }'],
  ]) {
    const body = `{"query":"query ($n: ${type}) { ${field} }","variables":{"n":20.00000000000000000001}}`
    const { errors } = JSON.parse((await post('/graphql', body)).text) as Answer
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT'])
  }
})
