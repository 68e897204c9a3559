import { type Calculator, type Figures, inputsSchema, type Outputs } from '../../src/domain/calculator'
import { valid } from '../../src/domain/errors'
import { caveat, method, methods } from '../../src/domain/methods'
import { calculate } from '../../src/domain/time-value'
import { endpoint } from '../support/contract'

const example = valid(inputsSchema, endpoint('PUT', '/:session_id').request?.payload)

const outputsOf = (inputs: Partial<Record<keyof Figures, number>>): Outputs =>
  (calculate satisfies Calculator)(valid(inputsSchema, { ...example, ...inputs }))

test("the contract's example has these outputs", () => {
  expect(outputsOf({ sessions: 25, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30 })).toEqual(
    calculate(example),
  )
  expect(calculate(example)).toEqual({
    total_minutes: 750,
    total_hours: 12.5,
    programme_cost: 87.5,
    time_value: 375,
    net_benefit: 287.5,
    benefit_cost_ratio: 4.29,
    roi_percent: 328.57,
    cost_per_hour_delivered: 7,
    value_per_session: 15,
    net_per_session: 11.5,
    break_even_minutes: 7,
    undefined_because: [],
  })
})

test('25 sessions of 20 minutes at 30 an hour are worth exactly 250.00', () => {
  expect(outputsOf({ avg_minutes: 20 }).time_value).toBe(250)
})

test('a half of a hundredth is rounded up: cost 0.125 and value 0.125 are 0.13 each', () => {
  const outputs = outputsOf({ sessions: 1, avg_minutes: 1, cost_per_session: 0.125, cost_per_hour: 7.5 })
  expect(outputs).toMatchObject({ programme_cost: 0.13, time_value: 0.13, net_benefit: 0, benefit_cost_ratio: 1 })
})

test.each<[string, Partial<Figures>, Partial<Outputs>]>([
  ['net_per_session', { avg_minutes: 0, cost_per_session: 0.005 }, { net_per_session: -0.01 }],
  ['roi_percent', { avg_minutes: 60, cost_per_session: 1000, cost_per_hour: 999.95 }, { roi_percent: -0.01 }],
])('a loss of half a hundredth is rounded away from zero: %s is -0.01', (_, inputs, outputs) => {
  expect(outputsOf(inputs)).toMatchObject(outputs)
})

test.each<[keyof Outputs, Partial<Figures>]>([
  ['total_minutes', { sessions: 1, avg_minutes: 0.01 }],
  ['total_hours', { sessions: 1, avg_minutes: 0.3 }],
  ['programme_cost', { sessions: 1, cost_per_session: 0.005 }],
  ['time_value', { sessions: 1, avg_minutes: 1, cost_per_hour: 0.3 }],
  ['benefit_cost_ratio', { avg_minutes: 60, cost_per_session: 1000, cost_per_hour: 5 }],
  ['roi_percent', { avg_minutes: 60, cost_per_session: 1000, cost_per_hour: 1000.05 }],
  ['cost_per_hour_delivered', { avg_minutes: 1440, cost_per_session: 0.12 }],
  ['value_per_session', { avg_minutes: 1, cost_per_hour: 0.3 }],
  ['net_per_session', { avg_minutes: 60, cost_per_session: 1, cost_per_hour: 1.005 }],
  ['break_even_minutes', { cost_per_session: 1, cost_per_hour: 12000 }],
])('%s is not lost if it is between half a hundredth and a hundredth', (output, inputs) => {
  expect(outputsOf(inputs)[output]).toBe(0.01)
})

test('each output is rounded from its exact value, not from rounded ones', () => {
  const outputs = outputsOf({ sessions: 3, avg_minutes: 1, cost_per_session: 0.0049, cost_per_hour: 0.32 })
  // A session is worth 0.005333… and costs 0.0049. The difference is 0.000433…, although 0.01 − 0.00 is 0.01.
  expect(outputs).toMatchObject({ value_per_session: 0.01, net_per_session: 0, time_value: 0.02, programme_cost: 0.01 })
})

test('the net benefit is the difference of the rounded amounts, so that the statement foots', () => {
  const outputs = outputsOf({ sessions: 1, avg_minutes: 1, cost_per_session: 0.0149, cost_per_hour: 0.9 })
  expect(outputs).toMatchObject({ time_value: 0.02, programme_cost: 0.01, net_benefit: 0.01, net_per_session: 0 })
})

test('a loss is a legal result', () => {
  expect(outputsOf({ cost_per_session: 20 })).toMatchObject({
    net_benefit: -125,
    benefit_cost_ratio: 0.75,
    roi_percent: -25,
    net_per_session: -5,
    undefined_because: [],
  })
})

test('without sessions the totals are 0, ratios and values per session are null, and the break-even remains', () => {
  expect(outputsOf({ sessions: 0 })).toEqual({
    total_minutes: 0,
    total_hours: 0,
    programme_cost: 0,
    time_value: 0,
    net_benefit: 0,
    benefit_cost_ratio: null,
    roi_percent: null,
    cost_per_hour_delivered: null,
    value_per_session: null,
    net_per_session: null,
    break_even_minutes: 7,
    undefined_because: [
      { output: 'benefit_cost_ratio', reason: 'no_sessions' },
      { output: 'roi_percent', reason: 'no_sessions' },
      { output: 'cost_per_hour_delivered', reason: 'no_sessions' },
      { output: 'value_per_session', reason: 'no_sessions' },
      { output: 'net_per_session', reason: 'no_sessions' },
    ],
  })
})

test('no_sessions takes precedence over any other reason, and the break-even has its own reason', () => {
  const nothing = outputsOf({ sessions: 0, avg_minutes: 0, cost_per_session: 0, cost_per_hour: 0 })
  expect(nothing.undefined_because.map(({ output, reason }) => `${output}: ${reason}`)).toEqual([
    'benefit_cost_ratio: no_sessions',
    'roi_percent: no_sessions',
    'cost_per_hour_delivered: no_sessions',
    'value_per_session: no_sessions',
    'net_per_session: no_sessions',
    'break_even_minutes: zero_value',
  ])
})

test('without a cost the ratio and the ROI are null, never infinite', () => {
  expect(outputsOf({ cost_per_session: 0 })).toMatchObject({
    programme_cost: 0,
    net_benefit: 375,
    benefit_cost_ratio: null,
    roi_percent: null,
    cost_per_hour_delivered: 0,
    break_even_minutes: 0,
    undefined_because: [
      { output: 'benefit_cost_ratio', reason: 'zero_cost' },
      { output: 'roi_percent', reason: 'zero_cost' },
    ],
  })
})

test('without minutes the hours, the value and the ratio are 0, the ROI is -100 and the cost per hour is null', () => {
  expect(outputsOf({ avg_minutes: 0 })).toMatchObject({
    total_hours: 0,
    time_value: 0,
    benefit_cost_ratio: 0,
    roi_percent: -100,
    cost_per_hour_delivered: null,
    value_per_session: 0,
    net_per_session: -3.5,
    undefined_because: [{ output: 'cost_per_hour_delivered', reason: 'no_minutes' }],
  })
})

test('without an hourly cost the value and the ratio are 0 and the break-even is null', () => {
  expect(outputsOf({ cost_per_hour: 0 })).toMatchObject({
    time_value: 0,
    benefit_cost_ratio: 0,
    roi_percent: -100,
    break_even_minutes: null,
    undefined_because: [{ output: 'break_even_minutes', reason: 'zero_value' }],
  })
})

test('minus zero is zero, in the stored inputs and in every output', () => {
  const minusZero = { sessions: -0, avg_minutes: -0, cost_per_session: -0, cost_per_hour: -0 }
  const zero = { sessions: 0, avg_minutes: 0, cost_per_session: 0, cost_per_hour: 0 }
  expect(valid(inputsSchema, minusZero)).toEqual(zero)
  expect(calculate(minusZero)).toEqual(calculate(zero))
  expect(Object.values(calculate({ ...minusZero, sessions: 1 })).filter(n => Object.is(n, -0))).toEqual([])
})

test('the texts of a method that results were made with never change', () => {
  expect(methods).toEqual({
    1: {
      method: 'time-value/1',
      caveat:
        'This is a time-value benefit-cost ratio (a VIVA ratio), not a social return on investment: ' +
        'it counts no outcomes, no deadweight, no attribution and no discounting.',
    },
    2: {
      method: 'time-value/1',
      caveat:
        'This compares the stated costs with what the mentoring hours would have cost to buy. ' +
        'It is comparable to a published VIVA ratio only if those costs include everything that the programme spent. ' +
        'It is not a social return on investment: it measures no outcomes, and does not ask what would have happened anyway.',
    },
  })
})

test('a new result has the latest caveat', () => {
  expect({ method, caveat }).toEqual(methods[2])
})
