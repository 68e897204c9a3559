import { newResult, type Result, storedResultOf } from '../../src/domain/session'
import { calculate } from '../../src/domain/time-value'
import { inputs, now } from './given'

const result = newResult(inputs, calculate(inputs), 'calc_1', now)

test('a stored result that has all members is returned as it is', () => {
  expect(storedResultOf(result)).toBe(result)
})

test('a nullable output that was added since the result was stored is null', () => {
  const { break_even_minutes: _, ...outputs } = result.outputs
  const stored = { ...result, outputs } as Result
  expect(storedResultOf(stored)).toEqual({ ...result, outputs: { ...result.outputs, break_even_minutes: null } })
})
