import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Figures, inputsSchema, type Outputs, storedInputsSchema } from '../../src/domain/calculator'
import { method } from '../../src/domain/methods'
import { calculate } from '../../src/domain/time-value'
import { compare, minus, over, type Rational, rational, rounded, times } from './exact'

const page = readFileSync(join(__dirname, '../../../docs/reference/calculator.md'), 'utf8')

type Row = Record<string, string>

/** Returns the rows of the table below a heading, by the titles of its columns. `n`: 1 for the second table. */
function rowsBelow(heading: string, n = 0): Row[] {
  const [, section = ''] = page.split(new RegExp(`^#+ ${heading}$`, 'm'))
  const table = section.split(/^#/m, 1)[0]?.match(/^\|.*\n(?:^\|.*\n)+/gm)?.[n] ?? ''
  const [titles = [], , ...rows] = table
    .trim()
    .split('\n')
    .map(line =>
      line
        .split('|')
        .slice(1, -1)
        .map(cell => cell.trim()),
    )
  return rows.map(cells => Object.fromEntries(titles.map((title, i) => [title, cells[i] ?? ''])))
}

/** Returns what stands in backticks in a cell. */
const codesIn = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
const codeIn = (cell: string | undefined): string => codesIn(cell)[0] ?? ''

/** Returns the number that the page writes, such as `−1,000.50`, as plain text. */
const plain = (written = ''): string => written.replaceAll(',', '').replace('−', '-')
const numberIn = (cell: string | undefined): Rational => rational(plain(cell))

/** Evaluates a formula of the page with exact fractions. `values`: those of its names. */
function evaluate(formula: string, values: Record<string, Rational> = {}): Rational {
  const tokens = formula.match(/[\d.]+|\w+|[×÷−()]/g) ?? []
  const taken = (...among: string[]): string | undefined => {
    const [next = ''] = tokens
    return among.includes(next) ? tokens.shift() : undefined
  }
  const factor = (): Rational => {
    if (taken('(')) {
      const inner = difference()
      if (!taken(')')) throw new Error(`${formula} lacks a bracket`)
      return inner
    }
    const name = tokens.shift() ?? ''
    return values[name] ?? rational(name)
  }
  const product = (): Rational => {
    let value = factor()
    for (;;) {
      const operator = taken('×', '÷')
      if (!operator) return value
      value = operator === '×' ? times(value, factor()) : over(value, factor())
    }
  }
  const difference = (): Rational => {
    let value = product()
    while (taken('−')) value = minus(value, product())
    return value
  }
  const value = difference()
  if (tokens.length > 0) throw new Error(`${formula} goes on with ${tokens.join(' ')}`)
  return value
}

const inputRows = rowsBelow('What you enter')
const outputRows = rowsBelow('What you get')
const reasonRows = rowsBelow('When an output is null')

type OutputName = { [name in keyof Outputs]-?: Outputs[name] extends number | null ? name : never }[keyof Outputs]
const outputNames = Object.keys(
  calculate({ sessions: 1, avg_minutes: 1, cost_per_session: 1, cost_per_hour: 1 }),
).filter((name): name is OutputName => name !== 'undefined_because')
const symbols = { S: 'sessions', M: 'avg_minutes', c: 'cost_per_session', h: 'cost_per_hour' } as const

const figuresOf = (texts: Row): Figures =>
  Object.fromEntries(Object.entries(symbols).map(([symbol, name]) => [name, Number(texts[symbol])])) as Figures
const shown = (output: number | null): string | null => (output === null ? null : rounded(rational(output.toFixed(2))))

/** Texts for each symbol, in all combinations. */
function combinations(texts: Record<keyof typeof symbols, string[]>): Record<keyof typeof symbols, string>[] {
  return texts.S.flatMap(S => texts.M.flatMap(M => texts.c.flatMap(c => texts.h.map(h => ({ S, M, c, h })))))
}

const valid = (inputs: object): boolean => inputsSchema.safeParse(inputs).success
const example = { sessions: 25, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30 }

test('docs/reference/calculator.md names every input and every output of the calculator', () => {
  const named = (rows: Row[], title: string) => rows.map(row => codeIn(row[title]))
  const inputs = [...named(inputRows, 'input'), ...named(rowsBelow('What you enter', 1), 'input')]
  expect(inputs).toEqual(Object.keys(storedInputsSchema.shape))
  expect(inputRows.map(row => [row.symbol, codeIn(row.input)])).toEqual(Object.entries(symbols))
  expect(named(outputRows, 'output')).toEqual(outputNames)
  expect(named(rowsBelow('An example by hand'), 'output')).toEqual(outputNames)
  expect(page).toContain(`\`${method}\``)
})

test.each(inputRows)('$input has the limits that docs/reference/calculator.md states', row => {
  const [smallest, largest] = [row.smallest, row.largest].map(cell => Number(plain(cell))) as [number, number]
  const decimals = Number(row['decimals at most'])
  const unit = Number((10 ** -decimals).toFixed(decimals))
  const isValid = (value: number): boolean => valid({ ...example, [codeIn(row.input)]: value })
  expect([smallest, largest, smallest + unit].map(isValid)).toEqual([true, true, true])
  expect([smallest - unit, largest + unit, Number((unit / 10).toFixed(decimals + 1))].map(isValid)).toEqual([
    false,
    false,
    false,
  ])
})

test('a range has the outputs that docs/reference/calculator.md states', () => {
  const rows = rowsBelow('With a range')
  const [low, high] = rows.map(row => Number(row.h)) as [number, number]
  const { range } = calculate({ ...example, cost_per_hour_range: { low, high } })
  const names = ['time_value', 'net_benefit', 'benefit_cost_ratio'] as const
  for (const row of rows) {
    const bound = codeIn(row['']) as 'low' | 'high'
    expect(names.map(name => row[`\`${name}\``])).toEqual(names.map(name => range?.[bound][name]?.toFixed(2)))
  }
  expect(rows).toHaveLength(2)
})

test('the optional inputs have the limits that docs/reference/calculator.md states', () => {
  const [label = {}, currency = {}, period = {}, valueSource = {}, note = {}, range = {}] = rowsBelow(
    'What you enter',
    1,
  )
  const longestOf = ({ limits = '' }: Row): number =>
    Number(/1 to ([\d,]+) characters/.exec(limits)?.[1]?.replace(',', ''))
  const longest = longestOf(label)
  expect(['x', 'x'.repeat(longest), ' x '].map(label => valid({ ...example, label }))).toEqual([true, true, true])
  expect(['', ' ', 'x'.repeat(longest + 1), 'a\nb'].map(label => valid({ ...example, label }))).not.toContain(true)
  const code = codeIn(currency['what it is'])
  expect([code, code.toLowerCase()].map(currency => valid({ ...example, currency }))).toEqual([true, false])
  const { from, to } = JSON.parse(codeIn(period['what it is']))
  const periods = [
    { from, to },
    { from, to: from },
    { from: to, to: from },
    { from, to: '2026-02-30' },
  ]
  expect(periods.map(period => valid({ ...example, period }))).toEqual([true, true, false, false])
  for (const [row, name] of [
    [valueSource, 'value_source'],
    [note, 'note'],
  ] as const) {
    const texts = ['x'.repeat(longestOf(row)), 'x'.repeat(longestOf(row) + 1), 'a\nb']
    expect(texts.map(text => valid({ ...example, [name]: text }))).toEqual([true, false, name === 'note'])
  }
  const { low, high } = JSON.parse(codesIn(range['what it is'])[1] ?? '')
  const ranges = [
    { low, high },
    { low: 30, high: 30 },
    { low: 31, high },
    { low, high: 29 },
  ]
  expect(ranges.map(cost_per_hour_range => valid({ ...example, cost_per_hour_range }))).toEqual([
    true,
    true,
    false,
    false,
  ])
})

test.each(outputRows)(
  '$output is what its formula in docs/reference/calculator.md gives, rounded once',
  ({ output, formula }) => {
    const name = codeIn(output) as OutputName
    const amounts = ['0', '0.005', '0.0335', '3.5', '30', '999999.9999']
    const tried = combinations({
      S: ['0', '1', '3', '25', '999999'],
      M: ['0', '0.01', '20', '59.99', '1440'],
      c: amounts,
      h: amounts,
    })
    for (const texts of tried) {
      const outputs = calculate(figuresOf(texts))
      if (outputs[name] === null) continue
      const values: Record<string, Rational> = Object.fromEntries(
        Object.entries(texts).map(([symbol, text]) => [symbol, rational(text)]),
      )
      for (const amount of ['time_value', 'programme_cost'] as const)
        values[amount] = rational(outputs[amount].toFixed(2))
      expect([texts, shown(outputs[name])]).toEqual([texts, rounded(evaluate(codeIn(formula), values))])
    }
  },
)

test.each(outputRows)(
  '$output lies in the range that docs/reference/calculator.md states',
  ({ output, smallest, largest }) => {
    const name = codeIn(output) as OutputName
    const amounts = ['0', '0.0001', '1000000']
    const all = combinations({ S: ['0', '1', '1000000'], M: ['0', '0.01', '1440'], c: amounts, h: amounts }).flatMap(
      texts => calculate(figuresOf(texts))[name] ?? [],
    )
    expect([Math.min(...all), Math.max(...all)]).toEqual([smallest, largest].map(cell => Number(plain(cell))))
  },
)

test('an output is null exactly if docs/reference/calculator.md says so, for the reason that it gives first', () => {
  const either = ['0', '2']
  for (const texts of combinations({ S: either, M: either, c: either, h: either })) {
    const expected = new Map<string, string>()
    for (const { reason, if: condition = '', null: names } of reasonRows) {
      const [symbol = '', value] = condition.split(' = ')
      if (texts[symbol as keyof typeof symbols] !== value) continue
      for (const name of codesIn(names)) if (!expected.has(name)) expected.set(name, codeIn(reason))
    }
    const { undefined_because, ...outputs } = calculate(figuresOf(texts))
    expect(new Map(undefined_because.map(({ output, reason }) => [output as string, reason as string]))).toEqual(
      expected,
    )
    expect(outputNames.filter(name => outputs[name] === null).toSorted()).toEqual([...expected.keys()].toSorted())
  }
})

test.each(rowsBelow('Rounding'))('$output is rounded as docs/reference/calculator.md shows: $rounded', row => {
  const [formula = '', exactly] = (row.exactly ?? '').split(' = ')
  const name = codeIn(row.output) as OutputName
  expect(compare(evaluate(codeIn(formula)), numberIn(exactly))).toBe(0)
  expect(rounded(numberIn(exactly))).toBe(plain(row.rounded))
  expect(shown(calculate(figuresOf(row))[name])).toBe(plain(row.rounded))
})

test.each(rowsBelow('An example by hand'))(
  'the example by hand is right: $calculation',
  ({ output, calculation, result }) => {
    expect(rounded(evaluate(codeIn(calculation)))).toBe(plain(result))
    expect(shown(calculate(example)[codeIn(output) as OutputName])).toBe(plain(result))
  },
)
