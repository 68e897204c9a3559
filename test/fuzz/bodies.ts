import fc from 'fast-check'
import type { Inputs } from '../../src/domain/calculator'
import { payloadlessEvents, plainCommands } from '../support/example-commands'
import { inputs, otherInputs } from '../support/inputs'

/** A body to send, good or bad. */
interface Body {
  /** Pointers to what REST refuses of it; empty where it is good. */
  faults: string[]
  /** Whether GraphQL's schema refuses it before anything else is looked at. */
  schema: boolean
}

export interface StartBody extends Body {
  who: { mentor_id?: unknown; organisation_id?: unknown; colour?: string }
}

export interface EventBody extends Body {
  event: string
  payload?: unknown
}

const long = 'x'.repeat(201)

const members = Object.keys(inputs) as (keyof Inputs)[]

const decimal = (most: number, unit: number): fc.Arbitrary<number> => fc.nat(most * unit).map(n => n / unit)

const legal: fc.Arbitrary<Inputs> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      inputs,
      { ...inputs, value_source: 'a source', note: 'One\nTwo', cost_per_hour_range: { low: 0, high: 30 } },
      otherInputs,
      Object.fromEntries(Object.entries(inputs).reverse()) as unknown as Inputs,
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      sessions: fc.nat(1_000_000),
      avg_minutes: decimal(1_440, 100),
      cost_per_session: decimal(100_000, 10_000),
      cost_per_hour: decimal(100_000, 10_000),
    }),
  },
)

/** A member that makes inputs bad: what no schema can say, and what GraphQL's says. */
const content: [string, unknown][] = [
  ['sessions', -1],
  ['sessions', 1_000_001],
  ['avg_minutes', -0.01],
  ['avg_minutes', 1_440.01],
  ['avg_minutes', 0.001],
  ['cost_per_session', 1_000_000.5],
  ['cost_per_session', 0.00001],
  ['cost_per_hour', -30],
]
const shape: [string, unknown][] = [
  ['sessions', 1.5],
  ['sessions', 2 ** 31],
  ['sessions', '25'],
  ['avg_minutes', null],
  ['avg_minutes', undefined],
  ['cost_per_session', 'much'],
  ['cost_per_hour', true],
  ['cost_per_hour', []],
  ['colour', 'red'],
]

const calculation = (payload: unknown, faults: string[], schema: boolean): EventBody => ({
  event: 'CalculateRequested',
  payload,
  faults,
  schema,
})

const flawed: fc.Arbitrary<EventBody> = fc
  .tuple(
    legal,
    fc.uniqueArray(fc.constantFrom(...content, ...shape), { minLength: 1, maxLength: 3, selector: ([name]) => name }),
  )
  .map(([good, flaws]) =>
    calculation(
      { ...good, ...Object.fromEntries(flaws) },
      flaws.map(([name]) => `/payload/${name}`),
      flaws.some(flaw => shape.includes(flaw)),
    ),
  )

const everyMember = members.map(member => `/payload/${member}`)
const share = (expires_in_days: unknown, faults: string[], schema: boolean): EventBody => ({
  event: 'ShareRequested',
  payload: { expires_in_days },
  faults,
  schema,
})
const ofShare = '/payload/expires_in_days'

const reassignment = (payload: unknown, faults: string[], schema: boolean): EventBody => ({
  event: 'ReassignRequested',
  payload,
  faults,
  schema,
})

const mentors = ['ann', 'bob']
const organisations = ['org', 'guild']
/** The names that each run has for itself. */
export const names: ReadonlySet<unknown> = new Set([...mentors, ...organisations])

const goodEvent: fc.Arbitrary<EventBody> = fc.oneof(
  legal.map(payload => calculation(payload, [], false)),
  fc.constantFrom(1, 30, 60, 365).map(days => share(days, [], false)),
  fc
    .oneof(
      fc.record({ mentor_id: fc.constantFrom(...mentors) }),
      fc.record({ organisation_id: fc.constantFrom(null, ...organisations) }),
      fc.record({
        mentor_id: fc.constantFrom(null, ...mentors),
        organisation_id: fc.constantFrom(null, ...organisations),
      }),
    )
    .map(payload => reassignment(payload, [], false)),
  fc.constantFrom(...plainCommands).map(command => ({ ...command, faults: [], schema: false })),
  fc.constantFrom(...payloadlessEvents).chain(event =>
    fc.constantFrom<EventBody>(
      { event, payload: null, faults: [], schema: false },
      // An empty payload is none in REST; in GraphQL an input without its members is no input.
      { event, payload: {}, faults: [], schema: true },
    ),
  ),
)

const badEvent: fc.Arbitrary<EventBody> = fc.oneof(
  flawed,
  fc.constantFrom(
    calculation(undefined, ['/payload'], false),
    calculation(null, ['/payload'], false),
    calculation({}, everyMember, true),
    calculation([], ['/payload'], true),
    calculation('text', ['/payload'], true),
  ),
  fc
    .constantFrom(...payloadlessEvents)
    .chain(event =>
      fc.constantFrom<EventBody>(
        { event, payload: inputs, faults: everyMember, schema: false },
        { event, payload: { colour: 'red' }, faults: ['/payload/colour'], schema: true },
        { event, payload: 7, faults: ['/payload'], schema: true },
      ),
    ),
  fc.constantFrom(
    reassignment({ mentor_id: '' }, ['/payload/mentor_id'], false),
    reassignment({ mentor_id: long, organisation_id: '' }, ['/payload/mentor_id', '/payload/organisation_id'], false),
    reassignment({ mentor_id: 'ann', colour: 'red' }, ['/payload/colour'], true),
    reassignment({ organisation_id: true }, ['/payload/organisation_id'], true),
  ),
  fc.constantFrom(-1, 0, 366).map(days => share(days, [ofShare], false)),
  fc.constantFrom(1.5, '30', true, [], 2 ** 31).map(days => share(days, [ofShare], true)),
  fc
    .constantFrom(...payloadlessEvents.filter(event => event !== 'ShareRequested'))
    .map(event => ({ ...share(30, [ofShare], false), event })),
  fc
    .constantFrom('Slept', 'SessionClosed', 'calculateRequested')
    .map(event => ({ event, faults: ['/event'], schema: true })),
)

export const anyEvent = fc.oneof({ weight: 8, arbitrary: goodEvent }, { weight: 1, arbitrary: badEvent })

export const anyStart = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        mentor_id: fc.constantFrom(...mentors),
        organisation_id: fc.constantFrom(undefined, null, ...organisations),
      })
      .map((who): StartBody => ({ who, faults: [], schema: false })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<StartBody>(
      { who: { mentor_id: '' }, faults: ['/mentor_id'], schema: false },
      { who: { mentor_id: long, organisation_id: '' }, faults: ['/mentor_id', '/organisation_id'], schema: false },
      { who: {}, faults: ['/mentor_id'], schema: true },
      { who: { mentor_id: null, organisation_id: long }, faults: ['/mentor_id', '/organisation_id'], schema: true },
      { who: { mentor_id: true, colour: 'red' }, faults: ['/mentor_id', '/colour'], schema: true },
    ),
  },
)

/**
 * What a body says, whatever the order of its members and the way in which it says nothing. In a reassignment, a null
 * organisation says something.
 */
export function saying(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value ?? null
  const said = Object.entries(value)
    .filter(([name, member]) => member !== null || name === 'organisation_id')
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return said.length === 0 ? null : said
}
