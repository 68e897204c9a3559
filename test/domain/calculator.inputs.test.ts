import { type Figures, inputsSchema } from '../../src/domain/calculator'
import { DomainError, type Fault, valid } from '../../src/domain/errors'

const example: Figures = { sessions: 25, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30 }

/** Returns the faults of `value` as inputs, each as `pointer detail`. */
function faultsOf(value: unknown): string[] {
  try {
    valid(inputsSchema, value)
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'validation_failed') throw error
    return (error.facts as { errors: Fault[] }).errors.map(({ pointer, detail }) => `${pointer} ${detail}`)
  }
  return []
}

type Input = keyof Figures
const names = Object.keys(example) as Input[]

const limits: Record<Input, { maximum: number; finest: number; tooFine: number }> = {
  sessions: { maximum: 1_000_000, finest: 1, tooFine: 0.5 },
  avg_minutes: { maximum: 1_440, finest: 0.01, tooFine: 0.001 },
  cost_per_session: { maximum: 1_000_000, finest: 0.0001, tooFine: 0.00001 },
  cost_per_hour: { maximum: 1_000_000, finest: 0.0001, tooFine: 0.00001 },
}

const decimals: Record<Input, string> = {
  sessions: 'must be a whole number',
  avg_minutes: 'must have at most 2 decimals',
  cost_per_session: 'must have at most 4 decimals',
  cost_per_hour: 'must have at most 4 decimals',
}

describe.each(names)('%s', name => {
  const { maximum, finest, tooFine } = limits[name]
  const faultsWith = (value: unknown) => faultsOf({ ...example, [name]: value })

  test.each([0, finest, maximum - finest, maximum])('may be %d', value => {
    expect(valid(inputsSchema, { ...example, [name]: value })[name]).toBe(value)
  })

  test.each([-finest, -1, -1e300])('is refused below 0: %d', value => {
    expect(faultsWith(value)).toEqual([`/${name} must be at least 0`])
  })

  test.each([maximum + finest, 2 ** 53, 1e300, Number.MAX_VALUE])('is refused above its maximum: %d', value => {
    expect(faultsWith(value)).toEqual([`/${name} must be at most ${maximum}`])
  })

  test.each([tooFine, 1 + tooFine, maximum - tooFine, 0.1 + 0.2, Number.MIN_VALUE])(
    'is refused with too many decimals, and never rounded: %d',
    value => {
      expect(faultsWith(value)).toEqual([`/${name} ${decimals[name]}`])
    },
  )

  test.each([-tooFine, maximum + tooFine])(
    'has one fault if %d is out of range and also has too many decimals',
    value => {
      expect(faultsWith(value)).toEqual([`/${name} must be at ${value < 0 ? 'least 0' : `most ${maximum}`}`])
    },
  )

  test.each([[NaN], [Infinity], [-Infinity], ['25'], [''], [null], [true], [[25]], [{}], [25n]])(
    'is refused if it is not a number: %p',
    value => {
      expect(faultsWith(value)).toEqual([`/${name} must be a number`])
    },
  )

  test('is required', () => {
    const { [name]: _, ...others } = example
    expect(faultsOf(others)).toEqual([`/${name} is required`])
    expect(faultsWith(undefined)).toEqual([`/${name} is required`])
  })
})

test('25.0 sessions are 25', () => {
  expect(valid(inputsSchema, JSON.parse(JSON.stringify(example).replace('25', '25.0')))).toEqual(example)
  expect(valid(inputsSchema, { ...example, sessions: 2.5e1 })).toEqual(example)
})

test('all faults are reported at once, each with its JSON Pointer, including unknown members', () => {
  const faulty = { sessions: 2.5, avg_minutes: -1, cost_per_session: '3.5', sesions: 25, 'a/b': 1, 'c~d': 2, '': 3 }
  expect(faultsOf(faulty)).toEqual([
    '/sessions must be a whole number',
    '/avg_minutes must be at least 0',
    '/cost_per_session must be a number',
    '/cost_per_hour is required',
    '/sesions is not a known member',
    '/a~1b is not a known member',
    '/c~0d is not a known member',
    '/ is not a known member',
  ])
})

test('members with the names of inherited members are unknown members', () => {
  const body = JSON.stringify(example).replace('}', ',"__proto__":1,"constructor":2,"toString":3}')
  expect(faultsOf(JSON.parse(body))).toEqual([
    '/__proto__ is not a known member',
    '/constructor is not a known member',
    '/toString is not a known member',
  ])
})

test.each([[null], [[]], ['inputs'], [25]])('inputs must be an object, not %p', value => {
  expect(faultsOf(value)).toEqual([' must be an object'])
})
