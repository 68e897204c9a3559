import fc from 'fast-check'
import { costsInLine, costsLine, noAmounts, noteWithCosts, totalInNote } from '../../../dashboard/src/costs-line'
import { grammarOf } from '../../../dashboard/src/words/grammar'
import { yearlyCostsDe } from '../../../dashboard/src/words/yearly-costs-de'
import { yearlyCostsEn } from '../../../dashboard/src/words/yearly-costs-en'
import { yearlyCostsFr } from '../../../dashboard/src/words/yearly-costs-fr'
import { divideCosts } from '../../../dashboard/src/yearly-costs'

test.each([
  [['12000', '800'], '400', '12800', '32', false],
  [['0.1', '0.2'], '1', '0.3', '0.3', false],
  [['1'], '8', '1', '0.125', false],
  [['1'], '10000', '1', '0.0001', false],
  [['1'], '16000', '1', '0.0001', true],
  [['12800'], '390', '12800', '32.8205', true],
  [['2170.50'], '240', '2170.5', '9.0438', true],
  [['0.00005'], '1', '0.00005', '0.0001', true],
  [['1.00125'], '1', '1.00125', '1.0013', true],
  [['0.10125', '0.00375'], '1', '0.105', '0.105', false],
  [['0.10501'], '1', '0.10501', '0.105', true],
  [['9007199254740993.1', '0.2'], '1', '9007199254740993.3', '9007199254740993.3', false],
  [['0'], '3', '0', '0', false],
])(
  '%j in a year with %s sessions are %s in total, and %s for each',
  (amounts, sessions, total, perSession, isRounded) => {
    expect(divideCosts(amounts, sessions)).toEqual({ total, perSession, isRounded })
  },
)

test('a cost is rounded half away from zero to 4 decimals, and up to 100 sessions cost what was entered', () => {
  const cents = fc.bigInt({ min: 0n, max: 10n ** 14n })
  const asDecimal = (units: bigint, decimals: number): string => {
    const digits = String(units).padStart(decimals + 1, '0')
    const text = `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
    return text.replace(/\.?0+$/, '')
  }
  fc.assert(
    fc.property(
      fc.array(cents, { minLength: 1, maxLength: 6 }),
      fc.oneof(fc.bigInt({ min: 1n, max: 100n }), fc.bigInt({ min: 1n, max: 10n ** 6n })),
      (amounts, n) => {
        const total = amounts.reduce((sum, amount) => sum + amount, 0n)
        const each = (200n * total + n) / (2n * n)
        expect(
          divideCosts(
            amounts.map(amount => asDecimal(amount, 2)),
            String(n),
          ),
        ).toEqual({ total: asDecimal(total, 2), perSession: asDecimal(each, 4), isRounded: each * n !== total * 100n })
        // Half a cent rounds up.
        if (n <= 100n) expect((each * n + 50n) / 100n).toBe(total)
      },
    ),
  )
})

const languages = {
  en: yearlyCostsEn(grammarOf('en-GB')),
  de: yearlyCostsDe(grammarOf('de-DE')),
  fr: yearlyCostsFr(grammarOf('fr-FR')),
}
const lineOf = (words: typeof languages.en, count = 400, rounded: string | null = null): string =>
  words.line(
    [
      { name: words.names.salary, amount: '12\u202f000\u00a0€' },
      { name: words.names.training, amount: '£800' },
    ],
    '£12,800',
    count,
    rounded,
  )

function costsIn(note: string, words: typeof languages.en, locale = 'en-GB') {
  const line = costsLine(note)
  return line === null ? null : costsInLine(line, words, locale)
}

test('the line of the costs says what they are made of, and whether the cost is rounded', () => {
  const items = [
    { name: languages.en.names.salary, amount: '£12,000' },
    { name: languages.en.names.training, amount: '£800' },
  ]
  expect(languages.en.line(items, '£12,800', 400, null)).toBe(
    'Cost per session: salaries (mentoring only) £12,000 + training £800 = £12,800 for 400 sessions',
  )
  expect(languages.en.line(items, '£12,800', 390, '£32.82')).toBe(
    'Cost per session: salaries (mentoring only) £12,000 + training £800 = £12,800 for 390 sessions, rounded to £32.82',
  )
})

describe.each(Object.entries(languages))('a line in %s', (_, words) => {
  test.each([1, 2, 400, 1_000_000])('with %d sessions is replaced by one in any language', count => {
    for (const rounded of [null, '£32.82'])
      for (const other of Object.values(languages)) {
        const note = `Before.\n\n${lineOf(words, count, rounded)}\nAfter.`
        expect(noteWithCosts(note, lineOf(other))).toBe(`Before.\n\n${lineOf(other)}\nAfter.`)
      }
  })

  test('is read again', () => {
    const amounts = { ...noAmounts, salary: '12\u202f000\u00a0€', training: '£800' }
    expect(costsIn(`Before.\n${lineOf(words)}`, words)).toEqual({ amounts, sessions: '400' })
    expect(costsIn(`Before.\n${lineOf(words, 390, '£32.82')}`, words)).toEqual({ amounts, sessions: '390' })
  })

  test.each([1, 240])('states its total and its %d sessions', count => {
    const line = lineOf(words, count, '£53.3333')
    expect(totalInNote(`Before.\n${line}`)).toEqual({ total: '£12,800', sessions: String(count) })
    expect(totalInNote('Before.')).toBeNull()
  })

  test('is read with the former name of the salaries too', () => {
    const line = lineOf({ ...words, names: { ...words.names, salary: words.formerSalary } })
    expect(costsIn(line, words)).toEqual(costsIn(lineOf(words), words))
  })
})

test('a note keeps all that is not a line of costs', () => {
  expect(noteWithCosts('', 'new')).toBe('new')
  expect(noteWithCosts(' \n', 'new')).toBe('new')
  expect(noteWithCosts('Mine.\n', 'new')).toBe('Mine.\nnew')
  const own = 'Cost per session: an estimate\nCost per session: see the budget = 2 pages'
  expect(noteWithCosts(own, 'new')).toBe(`${own}\nnew`)
  const line = lineOf(languages.en)
  expect(noteWithCosts(`${line}\nMine.\n${line}`, 'new')).toBe('new\nMine.')
  expect(costsIn(own, languages.en)).toBeNull()
})

test('a line with the names of another language is not read', () => {
  expect(costsIn(lineOf(languages.de), languages.en)).toBeNull()
})

test.each([
  ['24.000\u00a0€', '400', 'de-DE', true],
  ['24.000\u00a0€', '400', 'de-CH', false],
  ['24.000,50\u00a0€', '400', 'de-DE', true],
  ['24’000.50\u00a0€', '400', 'de-CH', true],
  ['24.00\u00a0€', '400', 'de-CH', true],
  ['24\u00a0€', '1.000', 'de-CH', false],
  ['24\u00a0€', '1’000', 'de-CH', true],
])(
  'a line with the number %s for %s sessions, read in %s, is read only if it has one meaning: %s',
  (amount, sessions, locale, isRead) => {
    const { names } = languages.de
    const line = `Kosten pro Treffen: ${names.salary} ${amount} + ${names.travel} 5\u00a0€ = ${amount} für ${sessions} Treffen`
    const expected = isRead ? { amounts: { ...noAmounts, salary: amount, travel: '5\u00a0€' }, sessions } : null
    expect(costsIn(line, languages.de, locale)).toEqual(expected)
  },
)
