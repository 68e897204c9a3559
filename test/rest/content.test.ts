import { base } from '../support/interfaces'
import { calculation, client, problem } from '../support/rest'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase)
const { get, post, put, ...make } = client(server)

describe('the content', () => {
  const faultsOf = async (answer: ReturnType<typeof post>): Promise<(string | undefined)[]> => {
    const said = problem(await answer)
    expect(said.code).toBe('validation_failed')
    return (said.errors ?? []).map(({ pointer }) => pointer)
  }

  test.each<[string, string[]]>([
    ['{}', ['/mentor_id']],
    ['{"mentor_id":5,"organisation_id":false}', ['/mentor_id', '/organisation_id']],
    ['{"mentor_id":null}', ['/mentor_id']],
    ['{"mentorId":"m"}', ['/mentor_id', '/mentorId']],
    ['{"mentor_id":"m","a/b":1,"c~d":2,"":3}', ['/a~1b', '/c~0d', '/']],
    ['{"mentor_id":"\\ud800"}', ['/mentor_id']],
  ])('of the start %s has its faults at %j', async (body, pointers) => {
    expect(await faultsOf(post(base, body))).toEqual(pointers)
  })

  test('a member with an inherited name is refused like any other', async () => {
    expect(await faultsOf(post(base, '{"mentor_id":"m","__proto__":1,"constructor":2}'))).toEqual([
      '/__proto__',
      '/constructor',
    ])
  })

  test.each<[string, string[]]>([
    ['{}', ['/event']],
    ['{"event":"Unknown"}', ['/event']],
    ['{"event":"CALCULATE_REQUESTED"}', ['/event']],
    ['{"event":"SessionClosed"}', ['/event']],
    ['{"event":5,"more":1}', ['/event', '/more']],
    ['{"event":"toString"}', ['/event']],
    ['{"event":"CalculateRequested"}', ['/payload']],
    ['{"event":"CalculateRequested","payload":[]}', ['/payload']],
    [
      '{"event":"CalculateRequested","payload":{}}',
      ['/payload/sessions', '/payload/avg_minutes', '/payload/cost_per_session', '/payload/cost_per_hour'],
    ],
    [
      '{"event":"CalculateRequested","payload":{"sessions":"25","avg_minutes":null,"cost_per_session":1e400,"cost_per_hour":true,"x":1},"y":2}',
      [
        '/y',
        '/payload/sessions',
        '/payload/avg_minutes',
        '/payload/cost_per_session',
        '/payload/cost_per_hour',
        '/payload/x',
      ],
    ],
    [
      '{"event":"CalculateRequested","payload":{"sessions":2.5,"avg_minutes":1,"cost_per_session":1,"cost_per_hour":1}}',
      ['/payload/sessions'],
    ],
    ['{"event":"ResetRequested","payload":[]}', ['/payload']],
    ['{"event":"ResetRequested","payload":0}', ['/payload']],
    ['{"event":"ResetRequested","payload":{"a":1,"b":2}}', ['/payload/a', '/payload/b']],
  ])('of the event %s has its faults at %j', async (body, pointers) => {
    const path = await make.started()
    const found = await faultsOf(put(path, body))
    expect([...found].sort()).toEqual([...pointers].sort())
    expect((await get(path)).headers.etag).toBe('"1"')
  })

  test.each([
    '{"event":"ResetRequested"}',
    '{"event":"ResetRequested","payload":null}',
    '{"event":"ResetRequested","payload":{}}',
  ])('of the event %s needs no payload', async body => expect((await put(await make.started(), body)).status).toBe(200))

  test('reads a number from its text: 25.0 is 25 and 3.50 is 3.5', async () => {
    const path = await make.started()
    await put(
      path,
      '{"event":"CalculateRequested","payload":{"sessions":25.0,"avg_minutes":3e1,"cost_per_session":3.50,"cost_per_hour":30}}',
    )
    const { text } = await get(`${path}/results`)
    expect(JSON.parse(text).data[0].inputs).toEqual(JSON.parse(calculation).payload)
    expect((await put(path, calculation)).headers['session-version']).toBe('3')
  })
})
