import fc from 'fast-check'
import { withFormulaGuard, withoutFormulaGuard } from '../../src/domain/formula-guard'

test.each([
  ['=1', "'=1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(1)', "'@SUM(1)"],
  ['\t1', "'\t1"],
  ['\r1', "'\r1"],
  ['a;=1+1', "a;'=1+1"],
  ['a\t+1', "a\t'+1"],
  ['first\n-1\r\n@x', "first\n'-1\r\n'@x"],
  ['a\u2028=1', "a\u2028'=1"],
  ['；＝1', '；＝1'],
  ['＝1;＋1;－1;＠1', "'＝1;'＋1;'－1;'＠1"],
  ['﹦1;﹢1;﹣1;﹫1', "'﹦1;'﹢1;'﹣1;'﹫1"],
  [' =1; =1;\u00a0=1', "' =1;' =1;'\u00a0=1"],
  ['a;"=1";""=1', `a;'"=1";'""=1`],
  ['a;\n;=1', "a;\n;'=1"],
  ["'=1;'=1", "''=1;''=1"],
  ['1=1, 2-1; a@b', '1=1, 2-1; a@b'],
  ['', ''],
])('%j is guarded as %j, and read back', (text, guarded) => {
  expect(withFormulaGuard(text)).toBe(guarded)
  expect(withoutFormulaGuard(guarded)).toBe(text)
})

const hostile = fc.string({ unit: fc.constantFrom(...'a=-＝;,\t\n\r\'" '), maxLength: 12 })

test('any text is read back as it was', () => {
  fc.assert(fc.property(hostile, text => void expect(withoutFormulaGuard(withFormulaGuard(text))).toBe(text)))
})
