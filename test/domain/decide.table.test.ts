import { allowedEvents, requireLiveShare, revokeShare } from '../../src/domain/decide'
import {
  currentShare,
  isLive,
  type Session,
  type SessionEvent,
  type State,
  sessionEvents,
} from '../../src/domain/session'
import { exampleCommands } from '../support/example-commands'
import { allowedIn, type Move, moves, rowOf, statesAfter } from '../support/transition-table'
import {
  CalculateRequested,
  evolved,
  failing,
  given,
  inputs,
  now,
  otherInputs,
  ResetRequested,
  refusal,
  ShareRequested,
  ShareRequestedFor,
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

const commands = { ...exampleCommands, CalculateRequested: CalculateRequested(otherInputs) }

interface Effect {
  states: State[]
  result_id: string | null
  /** Tokens of the live shares. */
  live: string[]
}

/** Returns what a move does to a session with these live shares. */
function effectOf(move: Move, { state, result_id, result_count }: Session, live: string[]): Effect {
  const states = statesAfter(move, state)
  switch (move) {
    case 'share':
      return live.length > 0 ? { states: [], result_id, live } : { states, result_id, live: ['token_1'] }
    case 'revoke':
      return { states: live.length > 0 ? states : [], result_id, live: [] }
    case 'reset':
      return { states, result_id: null, live: [] }
    default:
      return { states, result_id: states.includes('loading') ? `calc_${result_count + 1}` : result_id, live }
  }
}

/** The transitions through these states, as `thenEmits` writes them. */
const arrows = (from: State, states: State[]): string[] =>
  states.map((to, i) => `${i === 0 ? from : states[i - 1]} → ${to}`)

const live = (session: Session): string[] =>
  session.shares.filter(share => isLive(share, now)).map(({ token }) => token)

describe.each(Object.keys(places) as Place[])('%s', place => {
  const { session, when } = places[place]
  const row = rowOf(session.state, session.result_id !== null)
  const allowed = allowedIn(row)
  const before = live(session)
  const refusalOf = (event: SessionEvent) => ({ current_state: session.state, event, allowed_events: allowed })

  test('is reached by its events', () => {
    const [state] = place.split(' ')
    expect(session).toMatchObject({ state, result_id: /loaded|kept/.test(place) ? 'calc_1' : null })
    expect(before).toEqual(place.includes('live') ? ['token_1'] : [])
  })

  test('allows exactly the events that it does not refuse', () => {
    expect(allowedEvents(session)).toEqual(allowed)
  })

  test.each(sessionEvents)('%s', event => {
    const move = moves[event][row]
    if (move === 'refuse') return when(commands[event]).thenRefused('event_refused', refusalOf(event))
    const { states, result_id, live: links } = effectOf(move, session, before)
    if (states.length === 0) return when(commands[event]).thenNothing()
    const { session: after } = when(commands[event]).thenEmits(...arrows(session.state, states))
    expect(after).toMatchObject({ state: states.at(-1), result_id, last_event: event })
    expect(after.result?.result_id ?? null).toBe(result_id)
    expect(live(after)).toEqual(links)
  })

  test('ShareRequested for 90 days', () => {
    const event = 'ShareRequested'
    if (moves[event][row] === 'refuse')
      return when(ShareRequestedFor(90)).thenRefused('event_refused', refusalOf(event))
    const { session: after } = when(ShareRequestedFor(90)).thenEmits(...arrows(session.state, ['loaded']))
    expect(after).toMatchObject({ state: 'loaded', result_id: 'calc_1', last_event: event })
    expect(live(after)).toEqual(['token_1'])
    expect(currentShare(after, now)).toMatchObject({ days: 90, expires_at: '2026-06-24T09:15:00.000Z' })
  })

  test('the revocation of one share', () => {
    const revoke = () => revokeShare(session, requireLiveShare(session, 'token_1', now), now)
    if (!place.includes('live')) {
      expect(refusal(revoke).code).toBe(place === 'initial after a reset' ? 'share_gone' : 'share_not_found')
      return
    }
    const changes = revoke()
    expect(changes.map(({ transition: { from, to } }) => `${from} → ${to}`)).toEqual(arrows(session.state, ['loaded']))
    const after = evolved(session, changes)
    expect(after).toMatchObject({
      state: 'loaded',
      result_id: 'calc_1',
      last_event: 'ShareRevokeRequested',
      version: session.version + 1,
    })
    expect(live(after)).toEqual([])
  })
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
