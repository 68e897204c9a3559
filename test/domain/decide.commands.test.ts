import { parseCommand, startSchema } from '../../src/domain/decide'
import { type Fault, valid } from '../../src/domain/errors'
import { sessionEvents } from '../../src/domain/session'
import { endpoint } from '../support/contract'
import { exampleCommands, payloadlessEvents } from '../support/example-commands'
import { inputs, refusal } from './given'

const oneOf = `must be one of ${sessionEvents.join(', ')}`
const stray = 'is not a known member'

function faults(work: () => unknown): string[] {
  const error = refusal(work)
  expect(error.code).toBe('validation_failed')
  return (error.facts as { errors: Fault[] }).errors.map(({ pointer, detail }) => `${pointer} ${detail}`)
}
const faultsOf = (body: unknown) => faults(() => parseCommand(body))

test("the contract's dispatch is a command", () => {
  expect(parseCommand(endpoint('PUT', '/:session_id').request)).toEqual({
    event: 'CalculateRequested',
    payload: inputs,
  })
})

test.each([[undefined], [null], [25], ['CalculateRequested'], [[]], [true]])(
  'a body must be an object, not %p',
  body => {
    expect(faultsOf(body)).toEqual([body === undefined ? ' is required' : ' must be an object'])
  },
)

test('a body without an event is refused because one is required', () => {
  expect(faultsOf({})).toEqual(['/event is required'])
})

test.each([
  ['SleepRequested'],
  ['SessionStarted'],
  ['SessionClosed'],
  ['calculaterequested'],
  [''],
  ['__proto__'],
  ['toString'],
  [null],
  [1],
  [['ResetRequested']],
])('an unknown event is refused with the names of the five: %p', event => {
  expect(faultsOf({ event })).toEqual([`/event ${oneOf}`])
})

describe.each(payloadlessEvents)('%s', event => {
  test('accepts a payload that is absent, null or {}', () => {
    expect(parseCommand({ event }).event).toBe(event)
    expect(parseCommand({ event, payload: null }).event).toBe(event)
    expect(parseCommand({ event, payload: {} }).event).toBe(event)
  })

  test.each([[[]], [0], [''], [false], ['{}']])('refuses any other payload: %p', payload => {
    expect(faultsOf({ event, payload })).toEqual(['/payload must be an object'])
  })

  test('refuses any member in its payload, even those of a calculation', () => {
    expect(faultsOf({ event, payload: inputs })).toEqual(Object.keys(inputs).map(name => `/payload/${name} ${stray}`))
  })
})

describe.each(sessionEvents.filter(event => !payloadlessEvents.includes(event)))('%s', event => {
  test('needs its payload, which must be an object', () => {
    expect(parseCommand(exampleCommands[event])).toEqual(exampleCommands[event])
    expect(faultsOf({ event })).toEqual(['/payload is required'])
    for (const payload of [null, 7, 'text', []])
      expect(faultsOf({ event, payload })).toEqual(['/payload must be an object'])
  })
})

const noOwner = '/payload must name a mentor or an organisation'

test.each([
  [{ mentor_id: 'm' }],
  [{ organisation_id: 'o' }],
  [{ organisation_id: null }],
  [{ mentor_id: null, organisation_id: null }],
])('a reassignment may state %j', payload => {
  expect(parseCommand({ event: 'ReassignRequested', payload })).toEqual({ event: 'ReassignRequested', payload })
})

test.each([
  [{}, [noOwner]],
  [{ mentor_id: null }, [noOwner]],
  [{ mentor_id: '' }, ['/payload/mentor_id must have 1 to 200 characters']],
  [{ organisation_id: 7 }, ['/payload/organisation_id must be a string']],
  [{ mentor_id: 'm', mentor: 'n' }, [`/payload/mentor ${stray}`]],
])('a reassignment refuses %j', (payload, faults) => {
  expect(faultsOf({ event: 'ReassignRequested', payload })).toEqual(faults)
})

test.each([1, 30, 365, 7.0])('a share may last %p days', expires_in_days => {
  expect(parseCommand({ event: 'ShareRequested', payload: { expires_in_days } })).toEqual({
    event: 'ShareRequested',
    payload: { expires_in_days },
  })
})

test.each([
  [0, 'must be at least 1'],
  [-30, 'must be at least 1'],
  [366, 'must be at most 365'],
  [1e300, 'must be at most 365'],
  [1.5, 'must be a whole number'],
  ['30', 'must be a number'],
  [true, 'must be a number'],
  [[], 'must be a number'],
])('a share refuses to last %p days', (expires_in_days, detail) => {
  expect(faultsOf({ event: 'ShareRequested', payload: { expires_in_days } })).toEqual([
    `/payload/expires_in_days ${detail}`,
  ])
})

test('null days mean the same as leaving them out', () => {
  expect(parseCommand({ event: 'ShareRequested', payload: { expires_in_days: null } }).event).toBe('ShareRequested')
})

test.each(sessionEvents.filter(event => event !== 'ShareRequested'))('%s refuses the days of a share', event => {
  const { payload } = exampleCommands[event]
  expect(faultsOf({ event, payload: { ...payload, expires_in_days: 30 } })).toEqual([
    `/payload/expires_in_days ${stray}`,
  ])
})

test('all faults inside and outside the payload are reported at once, each with its pointer', () => {
  const payload = { sessions: -1, avg_minutes: 'half an hour', cost_per_session: 0.00001, 'a/b': 1, '~': 2 }
  expect(faultsOf({ event: 'CalculateRequested', payload, evnt: 1, 'x/y~z': 2 })).toEqual([
    `/evnt ${stray}`,
    `/x~1y~0z ${stray}`,
    '/payload/sessions must be at least 0',
    '/payload/avg_minutes must be a number',
    '/payload/cost_per_session must have at most 4 decimals',
    '/payload/cost_per_hour is required',
    `/payload/a~1b ${stray}`,
    `/payload/~0 ${stray}`,
  ])
})

test('an unknown event and unknown members are reported at once', () => {
  expect(faultsOf({ event: 'SleepRequested', payload: 1, event_id: 2 })).toEqual([
    `/event ${oneOf}`,
    `/event_id ${stray}`,
  ])
})

test('a member named __proto__ is an unknown member, and not an event', () => {
  expect(faultsOf(JSON.parse('{"__proto__": {"event": "ResetRequested"}}'))).toEqual([
    '/event is required',
    `/__proto__ ${stray}`,
  ])
})

describe('a start', () => {
  const startFaults = (body: unknown) => faults(() => valid(startSchema, body))
  const limit = 'must have 1 to 200 characters'

  test("accepts the contract's request", () => {
    const { request } = endpoint('POST', '')
    expect(valid(startSchema, request)).toEqual({ ...Object(request), external_id: null })
  })

  test('needs no organisation, and null means the same as leaving it out', () => {
    expect(valid(startSchema, { mentor_id: 'm' }).organisation_id ?? null).toBeNull()
    expect(valid(startSchema, { mentor_id: 'm', organisation_id: null }).organisation_id).toBeNull()
  })

  test.each(['a', ' ', 'a'.repeat(200), '😀'.repeat(200), ' a ', '\u00a0', 'é/~"'])(
    'accepts ids of 1 to 200 characters, counted as code points and stored as they are: %j',
    id => {
      const ids = { mentor_id: id, organisation_id: id, external_id: id }
      expect(valid(startSchema, ids)).toEqual(ids)
    },
  )

  test.each(['', 'a'.repeat(201), '😀'.repeat(201), '\ud800'.repeat(201)])(
    'refuses ids of 0 or 201 characters: %j',
    id => {
      expect(startFaults({ mentor_id: id, organisation_id: id, external_id: id })).toEqual([
        `/mentor_id ${limit}`,
        `/organisation_id ${limit}`,
        `/external_id ${limit}`,
      ])
    },
  )

  test.each(['\ud800', 'a\udc00b', '\udc00\ud800'])('refuses ids that are not well-formed Unicode: %j', id => {
    const detail = 'must be well-formed Unicode'
    expect(startFaults({ mentor_id: id, organisation_id: id })).toEqual([
      `/mentor_id ${detail}`,
      `/organisation_id ${detail}`,
    ])
  })

  test.each(['\u0000', 'a\u001fb', '\u009f', '\u202a', 'b\u2069'])('refuses ids with invisible characters: %j', id => {
    const detail = 'must not contain control characters'
    expect(startFaults({ mentor_id: id, organisation_id: id })).toEqual([
      `/mentor_id ${detail}`,
      `/organisation_id ${detail}`,
    ])
  })

  test('reports every fault at once', () => {
    expect(startFaults({ organisation_id: 42, mentor: 'm' })).toEqual([
      '/mentor_id is required',
      '/organisation_id must be a string',
      `/mentor ${stray}`,
    ])
    expect(startFaults({ mentor_id: null })).toEqual(['/mentor_id must be a string'])
    expect(startFaults([])).toEqual([' must be an object'])
  })
})
