import { allowedEvents, requireLiveShare, revokeShare } from '../../src/domain/decide'
import {
  currentShare,
  isLive,
  type Session,
  type SessionEvent,
  type State,
  sessionEvents,
} from '../../src/domain/session'
import {
  CalculateRequested,
  evolved,
  failing,
  given,
  inputs,
  now,
  otherInputs,
  ReassignRequested,
  ResetRequested,
  RetryRequested,
  refusal,
  ShareRequested,
  ShareRequestedFor,
  ShareRevokeRequested,
} from './given'

const failed = failing(CalculateRequested(otherInputs))

/**
 * Every resting situation of a session, with the events that lead to it. Its result is calc_1, and its share is
 * token_1.
 */
const places = {
  initial: given(),
  'initial after a reset': given(CalculateRequested(), ShareRequested, ResetRequested),
  loaded: given(CalculateRequested()),
  'loaded with a live share': given(CalculateRequested(), ShareRequested),
  error: given(failed),
  'error with a kept result': given(CalculateRequested(), failed),
  'error with a kept result and a live share': given(CalculateRequested(), ShareRequested, failed),
}
type Place = keyof typeof places

const events = {
  CalculateRequested: CalculateRequested(otherInputs),
  ShareRequested,
  ShareRevokeRequested,
  ResetRequested,
  RetryRequested,
  ReassignRequested,
} satisfies Record<SessionEvent, unknown>

interface Cell {
  out: string[]
  state: State
  result_id: string | null
  /** Tokens of the live shares. */
  live: string[]
}

const refused = 'refused'
const nothing = 'nothing'
const calculates = (from: State, result_id: string, live: string[] = []): Cell => ({
  out: [`${from} → loading`, 'loading → loaded'],
  state: 'loaded',
  result_id,
  live,
})
const becomes = (from: State, state: State, result_id: string | null, live: string[] = []): Cell => ({
  out: [`${from} → ${state}`],
  state,
  result_id,
  live,
})

const table: Record<Place, Record<SessionEvent, Cell | typeof refused | typeof nothing>> = {
  initial: {
    CalculateRequested: calculates('initial', 'calc_1'),
    ShareRequested: refused,
    ShareRevokeRequested: refused,
    ResetRequested: nothing,
    RetryRequested: refused,
    ReassignRequested: becomes('initial', 'initial', null),
  },
  'initial after a reset': {
    CalculateRequested: calculates('initial', 'calc_2'),
    ShareRequested: refused,
    ShareRevokeRequested: refused,
    ResetRequested: nothing,
    RetryRequested: refused,
    ReassignRequested: becomes('initial', 'initial', null),
  },
  loaded: {
    CalculateRequested: calculates('loaded', 'calc_2'),
    ShareRequested: becomes('loaded', 'loaded', 'calc_1', ['token_1']),
    ShareRevokeRequested: nothing,
    ResetRequested: becomes('loaded', 'initial', null),
    RetryRequested: refused,
    ReassignRequested: becomes('loaded', 'loaded', 'calc_1'),
  },
  'loaded with a live share': {
    CalculateRequested: calculates('loaded', 'calc_2', ['token_1']),
    ShareRequested: nothing,
    ShareRevokeRequested: becomes('loaded', 'loaded', 'calc_1'),
    ResetRequested: becomes('loaded', 'initial', null),
    RetryRequested: refused,
    ReassignRequested: becomes('loaded', 'loaded', 'calc_1', ['token_1']),
  },
  error: {
    CalculateRequested: calculates('error', 'calc_1'),
    ShareRequested: refused,
    ShareRevokeRequested: nothing,
    ResetRequested: becomes('error', 'initial', null),
    RetryRequested: calculates('error', 'calc_1'),
    ReassignRequested: becomes('error', 'error', null),
  },
  'error with a kept result': {
    CalculateRequested: calculates('error', 'calc_2'),
    ShareRequested: becomes('error', 'loaded', 'calc_1', ['token_1']),
    ShareRevokeRequested: nothing,
    ResetRequested: becomes('error', 'initial', null),
    RetryRequested: calculates('error', 'calc_2'),
    ReassignRequested: becomes('error', 'error', 'calc_1'),
  },
  'error with a kept result and a live share': {
    CalculateRequested: calculates('error', 'calc_2', ['token_1']),
    ShareRequested: nothing,
    ShareRevokeRequested: becomes('error', 'loaded', 'calc_1'),
    ResetRequested: becomes('error', 'initial', null),
    RetryRequested: calculates('error', 'calc_2', ['token_1']),
    ReassignRequested: becomes('error', 'error', 'calc_1', ['token_1']),
  },
}

/** What the request of a share for 90 days does, and what the revocation of token_1 alone does. */
const shareTable: Record<Place, { shareFor90: Cell | typeof refused; revokeOne: Cell | 'unknown' | 'gone' }> = {
  initial: { shareFor90: refused, revokeOne: 'unknown' },
  'initial after a reset': { shareFor90: refused, revokeOne: 'gone' },
  loaded: { shareFor90: becomes('loaded', 'loaded', 'calc_1', ['token_1']), revokeOne: 'unknown' },
  'loaded with a live share': {
    shareFor90: becomes('loaded', 'loaded', 'calc_1', ['token_1']),
    revokeOne: becomes('loaded', 'loaded', 'calc_1'),
  },
  error: { shareFor90: refused, revokeOne: 'unknown' },
  'error with a kept result': {
    shareFor90: becomes('error', 'loaded', 'calc_1', ['token_1']),
    revokeOne: 'unknown',
  },
  'error with a kept result and a live share': {
    shareFor90: becomes('error', 'loaded', 'calc_1', ['token_1']),
    revokeOne: becomes('error', 'loaded', 'calc_1'),
  },
}

const live = (session: Session): string[] =>
  session.shares.filter(share => isLive(share, now)).map(({ token }) => token)

describe.each(Object.keys(table) as Place[])('%s', place => {
  const { session, when } = places[place]
  const allowed = sessionEvents.filter(event => table[place][event] !== refused)

  test('is reached by its events', () => {
    const [state] = place.split(' ')
    expect(session).toMatchObject({ state, result_id: /loaded|kept/.test(place) ? 'calc_1' : null })
    expect(live(session)).toEqual(place.includes('live') ? ['token_1'] : [])
  })

  test('allows exactly the events that it does not refuse', () => {
    expect(allowedEvents(session)).toEqual(allowed)
  })

  test.each(sessionEvents)('%s', event => {
    const cell = table[place][event]
    if (cell === refused) {
      when(events[event]).thenRefused('event_refused', { current_state: session.state, event, allowed_events: allowed })
    } else if (cell === nothing) {
      when(events[event]).thenNothing()
    } else {
      const { session: after } = when(events[event]).thenEmits(...cell.out)
      expect(after).toMatchObject({ state: cell.state, result_id: cell.result_id, last_event: event })
      expect(after.result?.result_id ?? null).toBe(cell.result_id)
      expect(live(after)).toEqual(cell.live)
    }
  })

  test('ShareRequested for 90 days', () => {
    const event = 'ShareRequested'
    const cell = shareTable[place].shareFor90
    if (cell === refused) {
      const facts = { current_state: session.state, event, allowed_events: allowed } as const
      return when(ShareRequestedFor(90)).thenRefused('event_refused', facts)
    }
    const { session: after } = when(ShareRequestedFor(90)).thenEmits(...cell.out)
    expect(after).toMatchObject({ state: cell.state, result_id: cell.result_id, last_event: event })
    expect(live(after)).toEqual(cell.live)
    expect(currentShare(after, now)).toMatchObject({ days: 90, expires_at: '2026-06-24T09:15:00.000Z' })
  })

  test('the revocation of one share', () => {
    const cell = shareTable[place].revokeOne
    const revoke = () => revokeShare(session, requireLiveShare(session, 'token_1', now), now)
    if (typeof cell === 'string') {
      expect(refusal(revoke).code).toBe(cell === 'gone' ? 'share_gone' : 'share_not_found')
      return
    }
    const changes = revoke()
    expect(changes.map(({ transition: { from, to } }) => `${from} → ${to}`)).toEqual(cell.out)
    const after = evolved(session, changes)
    expect(after).toMatchObject({
      state: cell.state,
      result_id: cell.result_id,
      last_event: 'ShareRevokeRequested',
      version: session.version + 1,
    })
    expect(live(after)).toEqual(cell.live)
  })
})

test('the allowed events of the states are exactly these', () => {
  expect(allowedEvents(places.initial.session)).toEqual(['CalculateRequested', 'ResetRequested', 'ReassignRequested'])
  expect(allowedEvents(places.error.session)).toEqual([
    'CalculateRequested',
    'ShareRevokeRequested',
    'ResetRequested',
    'RetryRequested',
    'ReassignRequested',
  ])
  expect(allowedEvents(places['error with a kept result'].session)).toEqual([...sessionEvents])
  expect(allowedEvents(places.loaded.session)).toEqual([
    'CalculateRequested',
    'ShareRequested',
    'ShareRevokeRequested',
    'ResetRequested',
    'ReassignRequested',
  ])
})

test.each(['loading', 'closed'] as const)('a session that is %s allows nothing', state => {
  expect(allowedEvents({ ...places.loaded.session, state })).toEqual([])
})

test('in error, a calculation with the inputs of the present result runs again', () => {
  const { session } = places['error with a kept result']
    .when(CalculateRequested(inputs))
    .thenEmits('error → loading', 'loading → loaded')
  expect(session.result).toMatchObject({ result_id: 'calc_2', inputs })
})
