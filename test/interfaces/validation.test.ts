import type { Inputs } from '../../src/domain/calculator'
import { payloadlessEvents } from '../support/example-commands'
import { inputs } from '../support/inputs'
import { type Answer, done, overInterfaces, query } from '../support/interfaces'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase)

const pointersOf = (answer: Answer<unknown>): unknown => {
  if (answer.ok) throw new Error('not refused')
  const { errors } = answer.facts as { errors: { detail: string; pointer: string }[] }
  return { code: answer.code, errors: errors.map(({ detail, pointer }) => ({ detail, pointer })) }
}

const least = (n: number) => `must be at least ${n}`
const most = (n: number) => `must be at most ${n}`
const decimals = (n: number) => `must have at most ${n} decimals`

const faults: [string, Partial<Inputs>, [string, string][]][] = [
  ['sessions below 0', { sessions: -1 }, [['sessions', least(0)]]],
  ['sessions above 1,000,000', { sessions: 1_000_001 }, [['sessions', most(1_000_000)]]],
  ['avg_minutes below 0', { avg_minutes: -0.01 }, [['avg_minutes', least(0)]]],
  ['avg_minutes above 1,440', { avg_minutes: 1440.01 }, [['avg_minutes', most(1_440)]]],
  ['avg_minutes of three decimals', { avg_minutes: 0.001 }, [['avg_minutes', decimals(2)]]],
  ['cost_per_session above 1,000,000', { cost_per_session: 1_000_000.5 }, [['cost_per_session', most(1_000_000)]]],
  ['cost_per_session of five decimals', { cost_per_session: 0.00001 }, [['cost_per_session', decimals(4)]]],
  ['cost_per_hour below 0', { cost_per_hour: -30 }, [['cost_per_hour', least(0)]]],
  [
    'everything at once',
    { sessions: -1, avg_minutes: 1e9, cost_per_session: -2, cost_per_hour: 1.00001 },
    [
      ['sessions', least(0)],
      ['avg_minutes', most(1_440)],
      ['cost_per_session', least(0)],
      ['cost_per_hour', decimals(4)],
    ],
  ],
]

overInterfaces(server, api => {
  const start = async () => done(await api.start({ mentor_id: 'mentor' })).session.session_id

  test.each(faults)('a calculation with %s is refused with each fault at its pointer', async (_, wrong, expected) => {
    const id = await start()
    const before = await api.get(id)
    const errors = expected.map(([member, detail]) => ({ detail, pointer: api.pointer(`/payload/${member}`) }))
    const answer = await api.dispatch(id, 'CalculateRequested', { ...inputs, ...wrong })
    expect(pointersOf(answer)).toEqual({ code: 'validation_failed', errors })
    expect(await api.get(id)).toEqual(before)
  })

  test.each(faults)('the plain calculator refuses %s with pointers into the inputs', async (_, wrong, expected) => {
    const errors = expected.map(([member, detail]) => ({ detail, pointer: api.pointer(`/${member}`) }))
    expect(pointersOf(await api.calculate({ ...inputs, ...wrong }))).toEqual({ code: 'validation_failed', errors })
  })

  test('a calculation without a payload is refused with a pointer to the payload', async () => {
    const id = await start()
    for (const payload of [undefined, null]) {
      expect(pointersOf(await api.dispatch(id, 'CalculateRequested', payload))).toMatchObject({
        code: 'validation_failed',
        errors: [{ pointer: '/payload' }],
      })
    }
  })

  test.each(payloadlessEvents)('%s refuses a payload, even in a state that refuses the event', async event => {
    const members = ['sessions', 'avg_minutes', 'cost_per_session', 'cost_per_hour']
    const detail = 'is not a known member'
    const errors = members.map(member => ({ detail, pointer: api.pointer(`/payload/${member}`) }))
    expect(pointersOf(await api.dispatch(await start(), event, inputs))).toEqual({
      code: 'validation_failed',
      errors,
    })
  })

  test('ids have 1 to 200 characters, counted as code points, and are not trimmed', async () => {
    const detail = 'must have 1 to 200 characters'
    const long = '😀'.repeat(200)
    expect(pointersOf(await api.start({ mentor_id: '', organisation_id: `${long}x` }))).toEqual({
      code: 'validation_failed',
      errors: [
        { detail, pointer: api.pointer('/mentor_id') },
        { detail, pointer: api.pointer('/organisation_id') },
      ],
    })
    expect(done(await api.start({ mentor_id: long })).session.mentor_id).toBe(long)
    expect(done(await api.start({ mentor_id: ' ' })).session.mentor_id).toBe(' ')
  })

  test.each(['a\u0000b', 'a\nb', '\u007f', '\u0085', '\u202e1054-yna', '\u2066a\u2069'])(
    'an id with an invisible character is refused: %j',
    async name => {
      const detail = 'must not contain control characters'
      expect(pointersOf(await api.start({ mentor_id: name, organisation_id: name }))).toEqual({
        code: 'validation_failed',
        errors: [
          { detail, pointer: api.pointer('/mentor_id') },
          { detail, pointer: api.pointer('/organisation_id') },
        ],
      })
    },
  )

  test.each(['a\u200db', 'a\u200fb', 'é', '\u00ad'])(
    'an id with a joiner or a combining mark is accepted: %j',
    async name => {
      expect(done(await api.start({ mentor_id: name })).session.mentor_id).toBe(name)
    },
  )

  test('a null organisation means the same as leaving it out', async () => {
    const { session } = done(await api.start({ mentor_id: 'without', organisation_id: null }))
    expect(session.state).toBe('initial')
    const { data } = await query(server, 'query ($id: ID!) { session(id: $id) { organisationId } }', {
      id: session.session_id,
    })
    expect(data).toEqual({ session: { organisationId: null } })
  })

  test.each([
    ['the smallest', { sessions: 0, avg_minutes: 0, cost_per_session: 0, cost_per_hour: 0 }],
    ['the largest', { sessions: 1_000_000, avg_minutes: 1_440, cost_per_session: 1_000_000, cost_per_hour: 1_000_000 }],
    ['the finest', { sessions: 1, avg_minutes: 0.01, cost_per_session: 0.0001, cost_per_hour: 0.0001 }],
  ])('%s legal inputs are accepted and stored as given', async (_, legal) => {
    const id = await start()
    expect(done(await api.dispatch(id, 'CalculateRequested', legal)).session.state).toBe('loaded')
    expect(done(await api.results(id)).results.map(result => result.inputs)).toEqual([legal])
  })
})
