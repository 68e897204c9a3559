import { inputsSchema } from '../../src/domain/calculator'
import { DomainError, type Fault, valid } from '../../src/domain/errors'
import { calculate } from '../../src/domain/time-value'

const figures = { sessions: 25, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30 }
const stated = {
  label: 'Spring 2026, Year 9 reading',
  currency: 'GBP',
  period: { from: '2026-01-05', to: '2026-03-31' },
}

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

test.each(['label', 'currency', 'period'])('%s is absent if it is not given, or null', name => {
  expect(Object.keys(kept({}))).toEqual(Object.keys(figures))
  expect(Object.keys(kept({ [name]: null }))).toEqual(Object.keys(figures))
  expect(Object.keys(kept({ [name]: undefined }))).toEqual(Object.keys(figures))
})

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
