import fc from 'fast-check'
import {
  type Figures,
  inputsSchema,
  type OutputBound,
  type OutputRange,
  type Outputs,
} from '../../src/domain/calculator'
import { valid } from '../../src/domain/errors'
import { calculate } from '../../src/domain/time-value'
import { compare, exactly, minus, over, rational, reference, rounded, type Texts, times, told, whole } from './exact'

const runs = { numRuns: 1_000 }

/** Generates decimals from 0 to the maximum as text: small ones, any, and the edges. */
const decimal = (maximum: number, decimals: number) => {
  const unit = 10n ** BigInt(decimals)
  const most = BigInt(maximum) * unit
  return fc
    .oneof(
      fc.constantFrom(0n, 1n, unit / 2n, unit, most / 2n, most - 1n, most),
      fc.bigInt({ min: 0n, max: 100n }),
      fc.bigInt({ min: 0n, max: 100_000n < most ? 100_000n : most }),
      fc.bigInt({ min: 0n, max: most }),
    )
    .map(n => {
      const digits = String(n).padStart(decimals + 1, '0')
      return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
    })
}

const sessions = decimal(1_000_000, 0)
const avg_minutes = decimal(1_440, 2)
const money = decimal(1_000_000, 4)
const someInputs = fc.record<Texts>({ sessions, avg_minutes, cost_per_session: money, cost_per_hour: money })

const read = (texts: Texts): Figures =>
  valid(inputsSchema, Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, Number(text)])))

test('the reference rounds half away from zero, as numbers that are easy to check show', () => {
  expect(['0.005', '-0.005', '0.0049', '-0.0049', '1.005', '-2.675', '12', '0'].map(t => rounded(rational(t)))).toEqual(
    ['0.01', '-0.01', '0.00', '0.00', '1.01', '-2.68', '12.00', '0.00'],
  )
  expect(rounded(over(whole(1), whole(-3)))).toBe('-0.33')
})

test('every input within the limits is accepted, and stored as the decimal that was sent', () => {
  fc.assert(
    fc.property(someInputs, texts => {
      for (const [name, value] of Object.entries(read(texts))) {
        expect(compare(rational(value.toFixed(4)), rational(texts[name as keyof Texts]))).toBe(0)
      }
    }),
    runs,
  )
})

test('every output is the exact value rounded once, or null with the right reason, and survives JSON', () => {
  fc.assert(
    fc.property(someInputs, texts => {
      expect(told(calculate(read(texts)))).toEqual(reference(texts))
    }),
    { numRuns: 5_000 },
  )
})

test('every output is exact for every combination of edge values', () => {
  const counts = ['0', '1', '3', '999999', '1000000']
  const lengths = ['0', '0.01', '0.05', '0.3', '7', '59.99', '60', '1439.99', '1440']
  const amounts = ['0', '0.0001', '0.005', '0.125', '0.3333', '1', '29.9999', '999999.9999', '1000000']
  let checked = 0
  for (const sessions of counts) {
    for (const avg_minutes of lengths) {
      for (const cost_per_session of amounts) {
        for (const cost_per_hour of amounts) {
          const texts = { sessions, avg_minutes, cost_per_session, cost_per_hour }
          expect(told(calculate(read(texts)))).toEqual(reference(texts))
          checked++
        }
      }
    }
  }
  expect(checked).toBe(5 * 9 * 9 * 9)
})

/** Inputs with a range of the cost of an hour: its bounds and the cost are any three amounts, in order. */
const withRange = fc.record({ texts: someInputs, amounts: fc.tuple(money, money, money) }).map(({ texts, amounts }) => {
  const [low = '', cost_per_hour = '', high = ''] = amounts.toSorted((a, b) => Number(a) - Number(b))
  return { texts: { ...texts, cost_per_hour }, low, high }
})
const ranged = ({ texts, low, high }: { texts: Texts; low: string; high: string }) =>
  calculate({ ...read(texts), cost_per_hour_range: { low: Number(low), high: Number(high) } })
const bounded = ({ time_value, net_benefit, benefit_cost_ratio }: OutputBound): OutputBound => ({
  time_value,
  net_benefit,
  benefit_cost_ratio,
})

test('a range has the outputs of its bounds in place of the cost of an hour, and changes no other output', () => {
  fc.assert(
    fc.property(withRange, of => {
      const { range, ...outputs } = ranged(of)
      expect(outputs).toEqual(calculate(read(of.texts)))
      for (const bound of ['low', 'high'] as const) {
        const exact = reference({ ...of.texts, cost_per_hour: of[bound] })
        const { benefit_cost_ratio, ...amounts } = (range as OutputRange)[bound]
        expect(told({ ...amounts, undefined_because: [] } as unknown as Outputs)).toEqual({
          time_value: exact.time_value,
          net_benefit: exact.net_benefit,
        })
        expect(benefit_cost_ratio?.toFixed(2) ?? null).toBe(
          outputs.benefit_cost_ratio === null ? null : exact.benefit_cost_ratio,
        )
      }
    }),
    runs,
  )
})

test('a range without extent has the same outputs at both bounds as the calculation itself', () => {
  fc.assert(
    fc.property(someInputs, texts => {
      const { range, ...outputs } = ranged({ texts, low: texts.cost_per_hour, high: texts.cost_per_hour })
      expect(range).toEqual({ low: bounded(outputs), high: bounded(outputs) })
    }),
    runs,
  )
})

test('no output of a range is less at the higher bound, and those of the calculation are between both', () => {
  fc.assert(
    fc.property(withRange, of => {
      const { range, ...outputs } = ranged(of)
      for (const name of ['time_value', 'net_benefit', 'benefit_cost_ratio'] as const) {
        const [low, middle, high] = [range?.low[name], outputs[name], range?.high[name]]
        if (middle === null) expect([low, high]).toEqual([null, null])
        else expect([low, middle, high]).toEqual([low, middle, high].toSorted((a, b) => Number(a) - Number(b)))
      }
    }),
    runs,
  )
})

test('the ROI is the ratio less one, in percent, before rounding', () => {
  fc.assert(
    fc.property(someInputs, texts => {
      const { roi_percent } = calculate(read(texts))
      if (roi_percent === null) return
      const { net, cost, ratio } = exactly(texts)
      const roi = times(over(net, cost), whole(100))
      expect(compare(roi, times(minus(ratio(), whole(1)), whole(100)))).toBe(0)
      expect(roi_percent.toFixed(2)).toBe(rounded(roi))
    }),
    runs,
  )
})

test('more sessions of the same kind scale the totals and leave the ratios unchanged', () => {
  const few = fc.record({ texts: someInputs, times: fc.integer({ min: 1, max: 1_000 }) })
  fc.assert(
    fc.property(few, fc.integer({ min: 1, max: 1_000 }), ({ texts, times: factor }, count) => {
      const one = { ...texts, sessions: String(count) }
      const { value, cost, S, M } = exactly(one)
      const before = calculate(read(one))
      const after = calculate(read({ ...texts, sessions: String(count * factor) }))
      expect(told(after)).toMatchObject({
        total_minutes: rounded(times(times(S, M), whole(factor))),
        total_hours: rounded(over(times(times(S, M), whole(factor)), whole(60))),
        time_value: rounded(times(value, whole(factor))),
        programme_cost: rounded(times(cost, whole(factor))),
      })
      const { total_minutes, total_hours, time_value, programme_cost, net_benefit, ...kept } = before
      expect(after).toMatchObject(kept)
    }),
    runs,
  )
})

/** Inputs with a session length at the break-even, or a hundredth of a minute beside it. */
const nearBreakEven = fc
  .record({ sessions, minutes: fc.integer({ min: 1, max: 143_999 }), hundreds: fc.integer({ min: 1, max: 400 }) })
  .chain(({ sessions, minutes, hundreds }) =>
    fc.constantFrom(-1, 0, 1).map(
      (off): Texts => ({
        sessions,
        avg_minutes: ((minutes + off) / 100).toFixed(2),
        cost_per_session: ((minutes * hundreds) / 10_000).toFixed(4),
        cost_per_hour: ((hundreds * 60) / 100).toFixed(4),
      }),
    ),
  )

test('the net is at least 0 exactly if a session is at least as long as the break-even', () => {
  const seen = { short: 0, even: 0, long: 0 }
  fc.assert(
    fc.property(fc.oneof(nearBreakEven, someInputs), texts => {
      const { S, M, net, break_even } = exactly(texts)
      if (S.n === 0n || Number(texts.cost_per_hour) === 0) return
      const outputs = calculate(read(texts))
      const side = compare(M, break_even())
      seen[side < 0 ? 'short' : side === 0 ? 'even' : 'long']++
      expect(compare(net, whole(0)) >= 0).toBe(side >= 0)
      for (const { output, zero } of [
        { output: outputs.net_benefit, zero: 0 },
        { output: outputs.net_per_session, zero: 0 },
        { output: outputs.roi_percent, zero: 0 },
        { output: outputs.benefit_cost_ratio, zero: 1 },
      ]) {
        if (output === null) continue
        if (side === 0) expect(output).toBe(zero)
        else expect(side > 0 ? output >= zero : output <= zero).toBe(true)
      }
    }),
    runs,
  )
  expect(Math.min(seen.short, seen.even, seen.long)).toBeGreaterThan(100)
})
