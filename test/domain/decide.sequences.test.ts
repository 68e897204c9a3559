import fc from 'fast-check'
import { type Commit, commitOf, snapshotAfter } from '../../src/domain/commit'
import { allowedEvents, close, decide } from '../../src/domain/decide'
import { DomainError } from '../../src/domain/errors'
import {
  type Change,
  evolve,
  isLive,
  type Session,
  type State,
  withOwners,
  withoutHistory,
} from '../../src/domain/session'
import { timestamp } from '../../src/domain/timestamp'
import { plainCommands } from '../support/example-commands'
import { events, moves, rows, statesAfter } from '../support/transition-table'
import * as happenings from './given'

const begin = Date.parse(happenings.started)
const day = 24 * 60 * 60

const someCommand = fc.oneof(
  fc.constantFrom(
    happenings.CalculateRequested(happenings.inputs),
    happenings.CalculateRequested(happenings.otherInputs),
  ),
  fc.constantFrom(happenings.ShareRequestedFor(7), happenings.ShareRequestedFor(90)),
  { weight: 2, arbitrary: fc.constantFrom(...plainCommands) },
  fc
    .record({ mentor_id: fc.constantFrom('mentor_001', 'mentor_002'), organisation_id: fc.constantFrom(null, 'org_1') })
    .map(payload => ({ event: 'ReassignRequested', payload }) as const),
)

const someSteps = fc.array(
  fc.record({
    command: someCommand,
    fails: fc.constantFrom(false, false, true),
    seconds: fc.oneof(
      { weight: 8, arbitrary: fc.nat({ max: day }) },
      { weight: 1, arbitrary: fc.constantFrom(30 * day - 1, 30 * day) },
      { weight: 1, arbitrary: fc.nat({ max: 40 * day }) },
    ),
  }),
  { maxLength: 40, size: 'max' },
)

interface Written {
  before: Session
  changes: Change[]
  after: Session
  commit: Commit
}

/** Returns the writes of a session from its start to its close, commit by commit. A refused event writes nothing. */
function live(steps: { command: happenings.Happening['command']; fails: boolean; seconds: number }[]): Written[] {
  const first = happenings.start({ mentor_id: 'mentor_001', organisation_id: null }, 'session_1', happenings.started)
  const written: Written[] = []
  let session = happenings.frozen(first.session)
  let time = begin
  let ids = 0
  const write = (changes: Change[]) => {
    const before = session
    session = happenings.evolved(session, happenings.frozen(changes))
    written.push({ before, changes, after: session, commit: happenings.frozen(commitOf(session, changes)) })
  }
  write(first.changes)
  for (const { command, fails, seconds } of steps) {
    time += seconds * 1000
    const { calculator } = fails ? happenings.failing(command) : happenings.at('', command)
    const means = {
      now: timestamp(new Date(time)),
      calculate: calculator,
      newResultId: () => `calc_${++ids}`,
      newToken: () => `token_${++ids}`,
    }
    try {
      const changes = decide(session, command, means)
      expect(allowedEvents(session)).toContain(command.event)
      if (changes.length > 0) write(changes)
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      expect(error.code).toBe('event_refused')
      expect(allowedEvents(session)).not.toContain(command.event)
    }
  }
  write(close(session, timestamp(new Date(time))))
  return written
}

/** Checks one rule for every generated life of a session. */
const always = (rule: (written: Written[]) => void) =>
  fc.assert(
    fc.property(someSteps, steps => rule(live(steps))),
    { numRuns: 500 },
  )

const transitionsOf = (written: Written[]) =>
  written.flatMap(({ changes }) => changes.map(({ transition }) => transition))

test('the version of a session is the number of its transitions, which count from 1 without a hole', () => {
  always(written => {
    const transitions = transitionsOf(written)
    expect(transitions.map(({ sequence }) => sequence)).toEqual(transitions.map((_, i) => i + 1))
    expect(written.at(-1)?.after.version).toBe(transitions.length)
  })
})

test('each transition starts in the state in which the previous one ended, and no time decreases', () => {
  always(written => {
    const transitions = transitionsOf(written)
    expect(transitions.map(({ from }) => from)).toEqual([null, ...transitions.slice(0, -1).map(({ to }) => to)])
    expect(transitions.at(-1)?.to).toBe('closed')
    expect(transitions.map(({ at }) => at)).toEqual(transitions.map(({ at }) => at).sort())
  })
})

test('no session rests in loading', () => {
  always(written => {
    expect(written.map(({ after }) => after.state)).not.toContain('loading')
  })
})

test('the commit alone shows each transition with the session as the transition left it', () => {
  always(written => {
    for (const { before, changes, commit } of written) {
      let session = before
      for (const [i, change] of changes.entries()) {
        session = evolve(session, change)
        const transition = commit.transitions[i]
        expect(transition && snapshotAfter(commit, transition)).toEqual(withoutHistory(session))
      }
      expect(commit.transitions).toHaveLength(changes.length)
    }
  })
})

test('the present session, its former owners and a past transition determine the session as the transition left it', () => {
  always(written => {
    const now = (written.at(-1) as Written).after
    const former = written.flatMap(({ changes }) =>
      changes.flatMap(({ transition, reassignment }) =>
        reassignment ? [{ until: transition.sequence, ...reassignment.from }] : [],
      ),
    )
    for (const { before, changes } of written) {
      let session = before
      for (const change of changes) {
        session = evolve(session, change)
        const [transition] = withOwners([change.transition], now, former)
        const shown = snapshotAfter({ ...now, ...transition?.owners?.past }, change.transition)
        expect(shown).toEqual(withoutHistory(session))
      }
    }
  })
})

test('a session has the result of its result_id, loaded with one and initial without', () => {
  always(written => {
    for (const { after, changes } of written) {
      expect(after.result?.result_id ?? null).toBe(after.result_id)
      if (after.state === 'loaded') expect(after.result).not.toBeNull()
      if (after.state === 'initial') expect(after.result).toBeNull()
      expect(changes.at(-1)?.transition.result_id).toBe(after.result_id)
    }
  })
})

test('a result has at most one live share, and an initial or closed session has none', () => {
  always(written => {
    for (const { after } of written) {
      const shown = after.shares.filter(share => isLive(share, after.updated_at)).map(({ result_id }) => result_id)
      expect(new Set(shown).size).toBe(shown.length)
      if (after.state === 'initial' || after.state === 'closed') expect(shown).toEqual([])
    }
  })
})

/** Every transition that an event can make, with repetitions. */
const possibleTransitions = (): string[] =>
  rows.flatMap(row => {
    const [state] = row.split(' ') as [State]
    return events.flatMap(event =>
      statesAfter(moves[event][row], state).flatMap((to, i, states) => {
        const from = i === 0 ? state : states[i - 1]
        const ends = from === 'loading' ? [to, 'error'] : [to]
        return ends.map(end => `${from} ${event} ${end}`)
      }),
    )
  })

test('the random lives reach every state, and the tests above see shares, failures and refusals', () => {
  const seen = new Set<string>()
  always(written => {
    for (const { from, event, to } of transitionsOf(written)) seen.add(`${from} ${event} ${to}`)
  })
  expect([...seen].sort()).toEqual(
    [
      ...new Set(possibleTransitions()),
      'null SessionStarted initial',
      ...['initial', 'loaded', 'error'].map(from => `${from} SessionClosed closed`),
    ].sort(),
  )
})
