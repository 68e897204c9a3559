import type { Inputs } from '../../src/domain/calculator'
import { hundredths, type MinuteCount, withCalculation } from '../../src/domain/contribution'
import { contributionOf } from '../../src/domain/session'
import { inputsOf } from '../support/inputs'
import { changing, closing, noon, secondsAfter, starting } from '../support/sessions'

const calculated = (inputs: Partial<Inputs>) =>
  changing(starting().session, { event: 'CalculateRequested', payload: { ...inputsOf(25), ...inputs } }).session

test('a session contributes its state, and the amounts of its current result in hundredths', () => {
  expect(contributionOf(starting().session)).toEqual({ state: 'initial', result: null, calculations: [] })
  expect(contributionOf(calculated({}))).toEqual({
    state: 'loaded',
    result: { currency: null, month: '2026-03', held: 25, minutes: 75_000, cost: 8_750, value: 37_500 },
    calculations: [{ minute: '2026-03-26T12:00', count: 1 }],
  })
  expect(contributionOf(closing(calculated({})).session)).toBeNull()
})

test('a result belongs to the month in which its period ends, and to its currency', () => {
  const stated = { currency: 'GBP', period: { from: '2025-09-01', to: '2025-12-31' } }
  expect(contributionOf(calculated(stated))?.result).toMatchObject({ currency: 'GBP', month: '2025-12' })
})

test('a reset session contributes no result, but still its calculations', () => {
  const { session, before } = changing(calculated({}), 'ResetRequested')
  expect(before?.result).not.toBeNull()
  expect(contributionOf(session)).toEqual({ ...before, state: 'initial', result: null })
})

test('calculations are counted by the minute, and dropped when they are half an hour older than the last', () => {
  const at = (seconds: number) => secondsAfter(noon, seconds)
  const latest = [0, 30, 60, 29 * 60 + 59].reduce<MinuteCount[]>(
    (known, seconds) => withCalculation(known, at(seconds)),
    [],
  )
  expect(latest).toEqual([
    { minute: '2026-03-26T12:00', count: 2 },
    { minute: '2026-03-26T12:01', count: 1 },
    { minute: '2026-03-26T12:29', count: 1 },
  ])
  expect(withCalculation(latest, at(30 * 60)).map(({ minute }) => minute.slice(-2))).toEqual(['01', '29', '30'])
})

test.each([
  [0, 0],
  [0.07, 7],
  [1.1, 110],
  [4.35, 435],
  [1_000_000_000_000, 100_000_000_000_000],
  [23_999_999_999_999.99, 2_399_999_999_999_999],
  [17_592_186_044_416.07, 1_759_218_604_441_607],
])('%d is %d hundredths, exactly', (amount, expected) => {
  expect(hundredths(amount)).toBe(expected)
})
