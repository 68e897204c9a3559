import { z } from 'zod'
import type { coreErrors } from '../../src/domain/error-table'
import { DomainError, type Fault, faultsOf, pointer, valid, validQuery } from '../../src/domain/errors'

const atPointer: Fault = { detail: 'must be at least 0', pointer: '/payload/sessions' }
const atParameter: Fault = { detail: 'must be at most 100', parameter: 'limit' }
const atHeader: Fault = { detail: 'must have 1 to 255 characters', header: 'Idempotency-Key' }
const everywhere: Fault = { detail: 'must be an object', pointer: '' }

/** An error of every code of the core with its message. A new code without a row does not compile. */
const every: { [C in keyof typeof coreErrors]: [DomainError<C>, string] } = {
  invalid_json: [
    new DomainError('invalid_json', { errors: [{ detail: 'is not JSON' }] }), //
    'The request is not JSON.',
  ],
  invalid_query: [
    new DomainError('invalid_query', { errors: [atParameter, { detail: 'must be at least 1', parameter: 'page' }] }),
    'limit must be at most 100; page must be at least 1.',
  ],
  invalid_cursor: [
    new DomainError('invalid_cursor', { errors: [{ detail: 'is not a cursor', parameter: 'after' }] }),
    'after is not a cursor.',
  ],
  invalid_request: [
    new DomainError('invalid_request', { errors: [atHeader] }),
    'Idempotency-Key must have 1 to 255 characters.',
  ],
  unauthenticated: [new DomainError('unauthenticated'), 'Not signed in: send a bearer token in `Authorization`.'],
  forbidden: [
    new DomainError('forbidden'),
    'Your role does not allow this. Ask your administrator for the role that you need.',
  ],
  route_not_found: [new DomainError('route_not_found'), 'Nothing is served at this path. `/docs` lists all paths.'],
  session_not_found: [
    new DomainError('session_not_found'),
    'No session that you can see has this id. It was closed, it never existed, or it is outside your scope.',
  ],
  result_not_found: [new DomainError('result_not_found'), 'The session has no result with this id.'],
  share_not_found: [new DomainError('share_not_found'), 'No share link has this token. Check the link.'],
  method_not_allowed: [
    new DomainError('method_not_allowed'),
    'This method is not allowed here. `Allow` lists the allowed methods.',
  ],
  not_acceptable: [new DomainError('not_acceptable'), 'Not available in any media type that `Accept` allows.'],
  event_refused: [
    new DomainError('event_refused', {
      current_state: 'initial',
      event: 'RetryRequested',
      allowed_events: ['CalculateRequested', 'ResetRequested', 'ReassignRequested'],
    }),
    'A session in state initial does not accept RetryRequested. It accepts CalculateRequested, ResetRequested, ReassignRequested.',
  ],
  session_full: [
    new DomainError('session_full', { limit: 1000 }),
    'A session has at most 1000 transitions, and this event would exceed that maximum. You can still read and close the session.',
  ],
  limit_reached: [
    new DomainError('limit_reached', { limit: 100 }),
    'The limit of 100 objects has been reached. Delete an object first.',
  ],
  external_id_taken: [
    new DomainError('external_id_taken', { session_id: 'session_1' }),
    'Session session_1 has this external_id. Use that session, or close it first.',
  ],
  request_in_flight: [
    new DomainError('request_in_flight'),
    'A request with this idempotency key is still in progress. Retry to get its response.',
  ],
  share_gone: [new DomainError('share_gone'), 'This share link was revoked or has expired. Ask for a new one.'],
  cursor_expired: [
    new DomainError('cursor_expired'),
    'The events after this cursor are no longer stored. Read the sessions again.',
  ],
  version_mismatch: [
    new DomainError('version_mismatch', { current_version: 7 }),
    'Precondition failed: the session is at version 7. Read it again before you retry.',
  ],
  payload_too_large: [
    new DomainError('payload_too_large', { limit: 16384 }),
    'The body is larger than the maximum of 16384 bytes.',
  ],
  unsupported_media_type: [new DomainError('unsupported_media_type'), 'Send the body as application/json in UTF-8.'],
  validation_failed: [
    new DomainError('validation_failed', { errors: [everywhere, atPointer] }),
    'The request must be an object; /payload/sessions must be at least 0.',
  ],
  idempotency_key_reused: [
    new DomainError('idempotency_key_reused'),
    'This idempotency key was used for a different request. Use a new key.',
  ],
  rate_limited: [new DomainError('rate_limited'), 'Too many requests from this address. Try again later.'],
  internal: [new DomainError('internal'), 'Internal error. The server logged the cause under the request id.'],
  unavailable: [new DomainError('unavailable'), 'The server is temporarily unavailable. Try again in a few seconds.'],
}

test.each(Object.entries(every))('%s has its code, its facts and its message', (code, [error, sentence]) => {
  expect(error).toBeInstanceOf(Error)
  expect(error).toMatchObject({ name: 'DomainError', code, message: sentence })
  expect(typeof error.facts).toBe('object')
})

test.each(Object.entries(every))(
  'the message of %s is a whole sentence: it starts with a capital or a name and ends with one full stop',
  (_, [e]) => {
    expect(e.message).toMatch(/^[\w/].*[^.]\.$/)
    expect(e.message).not.toMatch(/undefined|null|\[object|NaN| {2}|[ ,;]\.$/)
  },
)

test('a state that accepts no event says so', () => {
  const refused = new DomainError('event_refused', {
    current_state: 'closed',
    event: 'ResetRequested',
    allowed_events: [],
  })
  expect(refused.message).toBe('A session in state closed does not accept ResetRequested. It accepts no event.')
})

test('a code without facts has none, and other codes have the given facts', () => {
  expect(new DomainError('internal').facts).toEqual({})
  expect(every.version_mismatch[0].facts).toEqual({ current_version: 7 })
})

test('a more exact message replaces the one of the code, and changes neither code nor facts', () => {
  const error = new DomainError('payload_too_large', { limit: 1 }).withMessage('Send a smaller file.')
  expect(error).toMatchObject({ code: 'payload_too_large', facts: { limit: 1 }, message: 'Send a smaller file.' })
})

test.each([
  [[], ''],
  [['payload', 'sessions'], '/payload/sessions'],
  [['list', 0], '/list/0'],
  [['a/b', 'm~n', '~1', ''], '/a~1b/m~0n/~01/'],
  [[' ', 'é', '"\\'], '/ /é/"\\'],
])('the JSON Pointer of %j is %j (RFC 6901)', (path, expected) => {
  expect(pointer(path)).toBe(expected)
})

const schema = z.strictObject({
  whole: z.int(),
  low: z.number().min(1),
  high: z.number().max(100),
  one: z.enum(['a', 'b']),
  text: z.string().optional(),
  ruled: z
    .string()
    .refine(s => s.length > 3, 'must be long')
    .refine(s => s.startsWith('x'), 'must start with x')
    .optional(),
})
const right = { whole: 1, low: 1, high: 1, one: 'a' }

/** Returns the faults that `schema` finds in `value`, with pointers below `base`. */
function faults(value: unknown, base?: string[]): Fault[] {
  const { error } = schema.safeParse(value, { reportInput: true })
  if (!error) throw new Error('nothing is wrong with it')
  return faultsOf(error, base)
}

test.each([
  [{ whole: 1.5 }, '/whole', 'must be a whole number'],
  [{ whole: '1' }, '/whole', 'must be a number'],
  [{ whole: undefined }, '/whole', 'is required'],
  [{ low: 0 }, '/low', 'must be at least 1'],
  [{ high: 101 }, '/high', 'must be at most 100'],
  [{ one: 'c' }, '/one', 'must be one of a, b'],
  [{ one: undefined }, '/one', 'is required'],
  [{ one: null }, '/one', 'must be one of a, b'],
  [{ text: 1 }, '/text', 'must be a string'],
  [{ 'other/~': 1 }, '/other~1~0', 'is not a known member'],
])('a fault has a pointer and a detail: %j', (wrong, pointer, detail) => {
  expect(faults({ ...right, ...wrong })).toEqual([{ pointer, detail }])
})

test('a pointer has one fault, the first that was found', () => {
  expect(faults({ ...right, ruled: 'a' })).toEqual([{ pointer: '/ruled', detail: 'must be long' }])
})

test('every fault is reported, with its pointer below the given base', () => {
  expect(faults({ whole: 1, low: 0, high: 101, extra: 1, more: 2 }, ['a/b']).map(({ pointer }) => pointer)).toEqual([
    '/a~1b/low',
    '/a~1b/high',
    '/a~1b/one',
    '/a~1b/extra',
    '/a~1b/more',
  ])
})

test('a valid value is returned as the schema transforms it, and any other is refused with every fault', () => {
  expect(valid(schema, right)).toEqual(right)
  expect(() => valid(schema, { ...right, low: 0, high: 101 }, ['payload'])).toThrow(
    '/payload/low must be at least 1; /payload/high must be at most 100.',
  )
  expect(() => valid(schema, null)).toThrow('The request must be an object.')
})

test('faults of a query name their parameters', () => {
  const query = z.object({ page: z.number().min(1), limit: z.number().max(100) })
  expect(validQuery(query, { page: 1, limit: 100, other: 1 })).toEqual({ page: 1, limit: 100 })
  expect(() => validQuery(query, { page: 0, limit: 101 })).toThrow(
    new DomainError('invalid_query', {
      errors: [
        { detail: 'must be at least 1', parameter: 'page' },
        { detail: 'must be at most 100', parameter: 'limit' },
      ],
    }),
  )
})
