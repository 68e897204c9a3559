import { inputsSchema } from '../../src/domain/calculator'
import { DomainError, type Fault, valid } from '../../src/domain/errors'
import { calculate } from '../../src/domain/time-value'

const figures = { sessions: 25, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30 }
const stated = {
  label: 'Spring 2026, Year 9 reading',
  currency: 'GBP',
  period: { from: '2026-01-05', to: '2026-03-31' },
  value_source: 'ASHE 2025, teaching assistants, median',
  note: 'Half of the sessions were online.\nTravel is not counted.',
}
const range = { low: 20, high: 30 }

/** Returns the faults of the inputs with these optional members, each as `pointer detail`. */
function faultsOf(members: object): string[] {
  try {
    valid(inputsSchema, { ...figures, ...members })
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'validation_failed') throw error
    return (error.facts as { errors: Fault[] }).errors.map(({ pointer, detail }) => `${pointer} ${detail}`)
  }
  return []
}

const kept = (members: object): object => valid(inputsSchema, { ...figures, ...members })

test('optional members are stored with the inputs, and change no output', () => {
  expect(kept(stated)).toEqual({ ...figures, ...stated })
  expect(calculate(valid(inputsSchema, { ...figures, ...stated }))).toEqual(calculate(figures))
})

test.each(['label', 'currency', 'period', 'value_source', 'note', 'cost_per_hour_range'])(
  '%s is absent if it is not given, or null',
  name => {
    expect(Object.keys(kept({}))).toEqual(Object.keys(figures))
    expect(Object.keys(kept({ [name]: null }))).toEqual(Object.keys(figures))
    expect(Object.keys(kept({ [name]: undefined }))).toEqual(Object.keys(figures))
  },
)

test('white space around a label is trimmed', () => {
  expect(kept({ label: ' \t Spring\u00a02026 \n' })).toMatchObject({ label: 'Spring\u00a02026' })
})

test.each(['x', 'x'.repeat(120), '🎓'.repeat(120), ` ${'x'.repeat(120)} `])('a label may be %p', label => {
  expect(faultsOf({ label })).toEqual([])
})

test.each([
  ['', 'must have 1 to 120 characters'],
  [' \t\n\u3000', 'must have 1 to 120 characters'],
  ['x'.repeat(121), 'must have 1 to 120 characters'],
  ['🎓'.repeat(121), 'must have 1 to 120 characters'],
  ['a\u0000b', 'must not contain control characters'],
  ['a\nb', 'must not contain control characters'],
  ['\u202eb', 'must not contain control characters'],
  ['a\ud800', 'must be well-formed Unicode'],
  [7, 'must be a string'],
  [['x'], 'must be a string'],
])('a label may not be %p', (label, detail) => {
  expect(faultsOf({ label })).toEqual([`/label ${detail}`])
})

test.each([
  ['value_source', 'x'.repeat(200)],
  ['note', '🎓'.repeat(1_000)],
  ['note', ' First.\n\nSecond.\n '],
])('%s may be %p', (name, text) => {
  expect(kept({ [name]: text })).toEqual({ ...figures, [name]: text.trim() })
})

test.each([
  ['value_source', ' ', 'must have 1 to 200 characters'],
  ['value_source', 'x'.repeat(201), 'must have 1 to 200 characters'],
  ['value_source', 'a\nb', 'must not contain control characters'],
  ['note', '\n', 'must have 1 to 1000 characters'],
  ['note', 'x'.repeat(1_001), 'must have 1 to 1000 characters'],
  ['note', 'a\r\nb', 'must not contain control characters, except line feeds'],
  ['note', 'a\tb', 'must not contain control characters, except line feeds'],
  ['note', 'a\u2066b', 'must not contain control characters, except line feeds'],
  ['note', 'a\ud800', 'must be well-formed Unicode'],
  ['note', ['x'], 'must be a string'],
])('%s may not be %p', (name, text, detail) => {
  expect(faultsOf({ [name]: text })).toEqual([`/${name} ${detail}`])
})

test.each([range, { low: 30, high: 30 }, { low: 0, high: 1_000_000 }, { low: 29.9999, high: 30.0001 }])(
  'a range of the cost of an hour may be %j',
  cost_per_hour_range => {
    expect(kept({ cost_per_hour_range })).toEqual({ ...figures, cost_per_hour_range })
  },
)

const [tooHigh, tooLow] = ['must not be more than the hourly cost', 'must not be less than the hourly cost']

test.each<[unknown, string[]]>([
  [{ low: 30.0001, high: 40 }, [`/low ${tooHigh}`]],
  [{ low: 20, high: 29.9999 }, [`/high ${tooLow}`]],
  [{ low: 40, high: 20 }, [`/low ${tooHigh}`, `/high ${tooLow}`]],
  [{ low: -1, high: 20 }, ['/low must be at least 0']],
  [{ low: 0.00001, high: 1_000_001 }, ['/low must have at most 4 decimals', '/high must be at most 1000000']],
  [{ low: 20 }, ['/high is required']],
  [{ low: null, high: 40 }, ['/low must be a number']],
  [{ ...range, middle: 25 }, ['/middle is not a known member']],
  [[20, 40], [' must be an object']],
])('a range of the cost of an hour may not be %j', (cost_per_hour_range, faults) => {
  expect(faultsOf({ cost_per_hour_range })).toEqual(faults.map(fault => `/cost_per_hour_range${fault}`))
})

test('a range is compared with a cost of an hour that is valid, whatever else is not', () => {
  const wrong = { cost_per_hour_range: { low: 31, high: 40 }, label: ' ', period: { from: '1', to: '2' }, other: 1 }
  expect(faultsOf(wrong)).toContain(`/cost_per_hour_range/low ${tooHigh}`)
  expect(faultsOf({ ...wrong, cost_per_hour: -1 }).join()).not.toContain('/cost_per_hour_range')
})

test.each(['GBP', 'EUR', 'JPY', 'KWD'])('a currency may be %s', currency => {
  expect(kept({ currency })).toMatchObject({ currency })
})

test.each(['', 'gbp', 'GB', 'GBPS', ' GBP', 'ZZZ', '£', 'toString'])('a currency may not be %p', currency => {
  expect(faultsOf({ currency })).toEqual(['/currency must be an ISO 4217 code such as GBP'])
})

test('a currency is a string', () => {
  expect(faultsOf({ currency: 826 })).toEqual(['/currency must be a string'])
})

test.each([
  ['2026-03-31', '2026-03-31'],
  ['2024-02-29', '2024-03-01'],
  ['1999-12-31', '2000-02-29'],
])('a period may be from %s to %s', (from, to) => {
  expect(kept({ period: { from, to } })).toMatchObject({ period: { from, to } })
})

test.each([
  '2026-02-29',
  '2026-13-01',
  '2026-00-10',
  '2026-04-31',
  '2026-4-1',
  '26-04-01',
  '2026-04-01T00:00:00Z',
  '',
  'today',
])('a date may not be %p', date => {
  const detail = 'must be a date such as 2026-03-31'
  expect(faultsOf({ period: { from: date, to: '2026-12-31' } })).toEqual([`/period/from ${detail}`])
  expect(faultsOf({ period: { from: '0001-01-01', to: date } })).toEqual([`/period/to ${detail}`])
})

test('a period does not end before it begins', () => {
  const period = { from: '2026-04-01', to: '2026-03-31' }
  expect(faultsOf({ period })).toEqual(['/period/to must not be before the first day (`from`)'])
})

test('every fault of the optional members is reported at once', () => {
  expect(faultsOf({ sessions: -1, label: ' ', currency: 'pounds', period: { from: 1, until: '2026-01-01' } })).toEqual([
    '/sessions must be at least 0',
    '/label must have 1 to 120 characters',
    '/currency must be an ISO 4217 code such as GBP',
    '/period/from must be a string',
    '/period/to is required',
    '/period/until is not a known member',
  ])
  expect(faultsOf({ period: 'spring' })).toEqual(['/period must be an object'])
})
